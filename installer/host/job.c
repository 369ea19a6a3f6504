#include "job.h"
#include "text.h"

/* Milliseconds: slower and slower, for a process that hangs in the kernel does not end sooner for being looked at. */
#define LOOK_AT_FIRST 10
#define LOOK_AT_LAST 1000

static BOOL limit(HANDLE job, DWORD flags)
{
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = flags;
  return SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

HANDLE new_job(DWORD more_limits)
{
  HANDLE job = CreateJobObjectW(NULL, NULL);
  if (job == NULL) return NULL;
  if (limit(job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | more_limits)) return job;
  DWORD error = GetLastError();
  CloseHandle(job);
  SetLastError(error);
  return NULL;
}

BOOL job_lets_live(HANDLE job) { return limit(job, 0); }

long job_count(HANDLE job)
{
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION about;
  if (!QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &about, sizeof about, NULL)) return -1;
  return (long)about.ActiveProcesses;
}

BOOL job_is_empty_within(HANDLE job, DWORD milliseconds)
{
  ULONGLONG begun = awake();
  for (;;) {
    if (job_count(job) == 0) return TRUE;
    ULONGLONG waited = awake() - begun;
    if (milliseconds != INFINITE && waited >= milliseconds) return FALSE;
    ULONGLONG pause = LOOK_AT_FIRST + waited / 20;
    Sleep(pause < LOOK_AT_LAST ? (DWORD)pause : LOOK_AT_LAST);
  }
}
