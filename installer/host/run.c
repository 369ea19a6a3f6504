/*
 * One script in a job of its own.
 *
 * running: until its first process ends, or the agent wants it ended at once or is gone.
 * killed: every process of the job is ended, and waited for; also when the first one ended because it was asked to.
 * ended by itself: what it has left running goes on, as on any system.
 */
#include "run.h"
#include "arguments.h"
#include "control.h"
#include "job.h"
#include "launch.h"
#include "report.h"
#include "text.h"
#include "users.h"

/* What ends together with the script is not what it has left running. */
#define LEFT_AFTER 200

static BOOL WINAPI ignore_console(DWORD event)
{
  (void)event;
  return TRUE;
}

/* Whether nobody but this process is at its console: only then may it be used to ask the script to end. */
static BOOL has_own_console(void)
{
  DWORD someone[2];
  return GetConsoleProcessList(someone, 2) == 1;
}

static BOOL start(const struct run_options *options, HANDLE job, BOOL console, HANDLE *process)
{
  DWORD pid = 0;
  struct launch what = {0};
  what.program = options->program;
  what.command_line = options->script;
  what.job = job;
  what.flags = console ? 0 : CREATE_NO_WINDOW;
  what.in = inheritable_nul(GENERIC_READ);
  what.out = inheritable(GetStdHandle(STD_OUTPUT_HANDLE));
  what.err = inheritable(GetStdHandle(STD_ERROR_HANDLE));
  BOOL done = what.in != NULL && what.out != NULL && what.err != NULL && launch(&what, process, &pid);
  DWORD error = GetLastError();
  close_handle(&what.in);
  close_handle(&what.out);
  close_handle(&what.err);
  if (done) report(L"started %lu", pid);
  else report_failure(L"spawn_failed", options->program, error);
  return done;
}

/* FALSE when that was not its own idea: nothing of it is to go on then. */
static BOOL ends_by_itself(HANDLE process, const struct control *control, BOOL console)
{
  const HANDLE any[3] = {process, control->kill, control->end};
  BOOL asked = FALSE;
  for (;;) {
    switch (WaitForMultipleObjects(3, any, FALSE, INFINITE)) {
      case WAIT_OBJECT_0:
        return !asked;
      case WAIT_OBJECT_0 + 2:
        asked = TRUE;
        /* To everybody at this console: that is the script and what it started, and this process ignores it. */
        if (!console) report(L"note not_asked there is no console of its own");
        else if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) report_note(L"not_asked", L"Ctrl+C", GetLastError());
        break;
      default:
        return FALSE;
    }
  }
}

/* Whether the agent has asked since. */
static BOOL is_to_end(const struct control *control)
{
  return WaitForSingleObject(control->kill, 0) == WAIT_OBJECT_0 || WaitForSingleObject(control->end, 0) == WAIT_OBJECT_0;
}

/* Lets go of what the script has left running, and says how many that are. */
static long let_live(HANDLE job)
{
  long left = job_count(job);
  if (job_lets_live(job)) return left;
  report_note(L"left_ended", L"what the script left running ends with it", GetLastError());
  return 0;
}

static DWORD run_script(const struct run_options *options)
{
  struct control control;
  HANDLE process = NULL;
  DWORD code = EXIT_NOT_STARTED;
  BOOL console = has_own_console();
  /* A program that has crashed must not wait for somebody to click. */
  HANDLE job = new_job(JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION);
  if (job == NULL || !listen_to_control(&control)) {
    report_failure(L"spawn_failed", L"a job of its own", GetLastError());
    close_handle(&job);
    return code;
  }
  /* Whether Ctrl+C is ignored is inherited: this process ignores it in a way that is not. */
  SetConsoleCtrlHandler(NULL, FALSE);
  SetConsoleCtrlHandler(ignore_console, TRUE);
  if (start(options, job, console, &process)) {
    long left = 0;
    BOOL by_itself = ends_by_itself(process, &control, console);
    BOOL is_left = !by_itself || !job_is_empty_within(job, LEFT_AFTER);
    /* What is ended in the very moment in which the script does is ended all the same. */
    if (by_itself && is_left) by_itself = !is_to_end(&control);
    if (by_itself && is_left) left = let_live(job);
    if (!by_itself) {
      if (!TerminateJobObject(job, ERROR_PROCESS_ABORTED)) report_note(L"not_killed", L"the job", GetLastError());
      job_is_empty_within(job, INFINITE);
    }
    if (!GetExitCodeProcess(process, &code)) report_failure(L"no_exit_code", options->program, GetLastError());
    report(L"%ls %lu left %ld", by_itself ? L"exit" : L"killed", code, left);
    CloseHandle(process);
  }
  CloseHandle(job);
  return code;
}

static BOOL usage(const wchar_t *problem)
{
  report(L"failed usage %ls", problem);
  fwprintf(stderr, L"kanade-host run: %ls\n", problem);
  return FALSE;
}

static BOOL parse(const wchar_t *cursor, struct run_options *options)
{
  wchar_t *name;
  while ((name = next_argument(&cursor)) != NULL && wcscmp(name, L"--") != 0) {
    wchar_t *value = next_argument(&cursor);
    if (value == NULL) return usage(L"an option lacks its value");
    if (wcscmp(name, L"--user") == 0 && wcscmp(value, L"first") == 0) options->user = L"first";
    else if (wcscmp(name, L"--user") == 0 && wcscmp(value, L"all") == 0) options->user = L"all";
    else if (wcscmp(name, L"--folder") == 0) options->folder = _wcsdup(value);
    else if (wcscmp(name, L"--keep") == 0) {
      options->keep = realloc(options->keep, (options->keep_count + 1) * sizeof *options->keep);
      if (options->keep == NULL) return usage(L"no memory");
      options->keep[options->keep_count++] = _wcsdup(value);
    } else if (wcscmp(name, L"--report") == 0) report_to((HANDLE)(uintptr_t)_wcstoui64(value, NULL, 10));
    else return usage(L"unknown option: run [--user first|all] [--folder <path>] [--keep <variable>]... -- <program> <arguments>");
    free(value);
    free(name);
  }
  if (name == NULL) return usage(L"-- and a program are missing");
  free(name);
  options->script = cursor;
  options->program = next_program(&cursor);
  if (options->program == NULL) return usage(L"a program is missing");
  return is_program_path(options->program) || usage(L"the program must be the absolute path of an .exe");
}

DWORD run_mode(const wchar_t *arguments)
{
  struct run_options options = {0};
  report_to(NULL);
  if (!parse(arguments, &options)) return EXIT_USAGE;
  return options.user == NULL ? run_script(&options) : run_as_users(&options);
}
