#include "launch.h"
#include "text.h"

/* The handles of one process, each once: the system refuses a list that names one twice. */
static size_t handle_list(const struct launch *what, HANDLE list[4])
{
  const HANDLE all[4] = {what->in, what->out, what->err, what->extra};
  size_t count = 0;
  for (size_t i = 0; i < 4; i++) {
    BOOL known = all[i] == NULL;
    for (size_t j = 0; j < count; j++) known = known || list[j] == all[i];
    if (!known) list[count++] = all[i];
  }
  return count;
}

static BOOL create(const struct launch *what, STARTUPINFOEXW *how, DWORD flags, PROCESS_INFORMATION *made)
{
  /* The system may write into it. */
  wchar_t *line = format(L"%ls", what->command_line);
  BOOL done = what->user == NULL
                  ? CreateProcessW(what->program, line, NULL, NULL, TRUE, flags, what->environment, what->folder, &how->StartupInfo, made)
                  : CreateProcessAsUserW(what->user, what->program, line, NULL, NULL, TRUE, flags, what->environment, what->folder,
                                         &how->StartupInfo, made);
  DWORD error = GetLastError();
  free(line);
  SetLastError(error);
  return done;
}

BOOL launch(const struct launch *what, HANDLE *process, DWORD *pid)
{
  HANDLE handles[4];
  HANDLE job = what->job;
  wchar_t desktop[] = L"winsta0\\default";
  size_t handle_count = handle_list(what, handles);
  DWORD attributes = job == NULL ? 1 : 2;
  DWORD flags = what->flags | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
  STARTUPINFOEXW how = {0};
  PROCESS_INFORMATION made = {0};
  SIZE_T size = 0;
  BOOL done = FALSE;
  DWORD error;

  InitializeProcThreadAttributeList(NULL, attributes, 0, &size);
  how.lpAttributeList = memory(size);
  if (!InitializeProcThreadAttributeList(how.lpAttributeList, attributes, 0, &size)) {
    error = GetLastError();
    free(how.lpAttributeList);
    SetLastError(error);
    return FALSE;
  }
  how.StartupInfo.cb = sizeof how;
  how.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  how.StartupInfo.hStdInput = what->in;
  how.StartupInfo.hStdOutput = what->out;
  how.StartupInfo.hStdError = what->err;
  if (what->user != NULL) how.StartupInfo.lpDesktop = desktop;
  if (UpdateProcThreadAttribute(how.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles, handle_count * sizeof *handles, NULL,
                                NULL) &&
      (job == NULL || UpdateProcThreadAttribute(how.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_JOB_LIST, &job, sizeof job, NULL, NULL))) {
    done = create(what, &how, flags | CREATE_BREAKAWAY_FROM_JOB, &made);
    /* A job above that holds on to its processes, as some terminals and test runners have: ours is inside it then. */
    if (!done && GetLastError() == ERROR_ACCESS_DENIED) done = create(what, &how, flags, &made);
  }
  error = GetLastError();
  DeleteProcThreadAttributeList(how.lpAttributeList);
  free(how.lpAttributeList);
  if (!done) {
    SetLastError(error);
    return FALSE;
  }
  CloseHandle(made.hThread);
  *process = made.hProcess;
  *pid = made.dwProcessId;
  return TRUE;
}

HANDLE inheritable(HANDLE handle)
{
  HANDLE made = NULL;
  if (handle == NULL || handle == INVALID_HANDLE_VALUE) return inheritable_nul(GENERIC_READ | GENERIC_WRITE);
  return DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &made, 0, TRUE, DUPLICATE_SAME_ACCESS) ? made : NULL;
}

HANDLE inheritable_nul(DWORD access)
{
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE made = CreateFileW(L"\\\\.\\NUL", access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
  return made == INVALID_HANDLE_VALUE ? NULL : made;
}

/* What a program that hangs is told in hours. */
#define CONTROL_BYTES 65536

BOOL pipe_to_child(HANDLE *ours, HANDLE *childs, BOOL child_reads)
{
  HANDLE read = NULL, write = NULL;
  *ours = *childs = NULL;
  if (!CreatePipe(&read, &write, NULL, child_reads ? CONTROL_BYTES : 0)) return FALSE;
  *ours = child_reads ? write : read;
  *childs = child_reads ? read : write;
  if (SetHandleInformation(*childs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT)) return TRUE;
  DWORD error = GetLastError();
  close_handle(ours);
  close_handle(childs);
  SetLastError(error);
  return FALSE;
}

void close_handle(HANDLE *handle)
{
  if (*handle != NULL && *handle != INVALID_HANDLE_VALUE) CloseHandle(*handle);
  *handle = NULL;
}

BOOL is_program_path(const wchar_t *path)
{
  size_t length = wcslen(path);
  BOOL on_drive = length > 7 && ((path[0] | 32) >= L'a' && (path[0] | 32) <= L'z') && path[1] == L':' && path[2] == L'\\';
  return on_drive && _wcsicmp(path + length - 4, L".exe") == 0;
}
