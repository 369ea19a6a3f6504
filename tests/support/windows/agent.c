/*
 * Plays the agent for tests of run mode: starts the command line in the file `command` of its folder, with standard output and
 * error into the files `out` and `err`, file descriptor 3 into `report` and this program's own input for control. Says in the
 * file `code` how it ended. The file descriptor is handed on as Node does it.
 */
#include "windows-api.h"
#include "text.h"

#define C_RUNTIME_OPEN 0x01
#define DESCRIPTORS 4

/* What the C runtime of the child reads from lpReserved2: a count, a byte of flags for each, a handle for each. */
#pragma pack(push, 1)
struct descriptors {
  int count;
  BYTE flags[DESCRIPTORS];
  HANDLE handles[DESCRIPTORS];
};
#pragma pack(pop)

static HANDLE inherited_file(const wchar_t *folder, const wchar_t *name)
{
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  wchar_t *path = format(L"%ls\\%ls", folder, name);
  HANDLE file = CreateFileW(path, FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_ALWAYS, 0, NULL);
  free(path);
  if (file == INVALID_HANDLE_VALUE) ExitProcess(96);
  return file;
}

static wchar_t *command_in(const wchar_t *folder)
{
  static char text[200000];
  wchar_t *path = format(L"%ls\\command", folder);
  FILE *file = _wfopen(path, L"rb");
  if (file == NULL) ExitProcess(95);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  free(path);
  return to_wide(text);
}

static HANDLE control;

/* What this process hears goes on to the host; its own end of input is the host's. */
static DWORD WINAPI pass_on(void *nothing)
{
  char byte;
  DWORD read, written;
  (void)nothing;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &read, NULL) && read == 1) WriteFile(control, &byte, 1, &written, NULL);
  CloseHandle(control);
  return 0;
}

int wmain(int count, wchar_t **arguments)
{
  HANDLE hosts_end;
  DWORD code = 0, written;
  char said[32];
  PROCESS_INFORMATION host;
  STARTUPINFOW how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES};
  if (count != 3 || !CreatePipe(&hosts_end, &control, NULL, 0)) return 94;
  if (!SetHandleInformation(hosts_end, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT)) return 93;
  const wchar_t *folder = arguments[2];
  wchar_t *command = command_in(folder);
  struct descriptors given = {DESCRIPTORS, {C_RUNTIME_OPEN, C_RUNTIME_OPEN, C_RUNTIME_OPEN, C_RUNTIME_OPEN}, {0}};
  how.hStdInput = given.handles[0] = hosts_end;
  how.hStdOutput = given.handles[1] = inherited_file(folder, L"out");
  how.hStdError = given.handles[2] = inherited_file(folder, L"err");
  given.handles[3] = inherited_file(folder, L"report");
  how.cbReserved2 = sizeof given;
  how.lpReserved2 = (BYTE *)&given;
  if (!CreateProcessW(arguments[1], command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, folder, &how, &host)) return 92;
  /* Only the host may hold its ends, or nobody would see it close them. */
  for (int i = 0; i < DESCRIPTORS; i++) CloseHandle(given.handles[i]);
  CloseHandle(CreateThread(NULL, 0, pass_on, NULL, 0, NULL));
  WaitForSingleObject(host.hProcess, INFINITE);
  GetExitCodeProcess(host.hProcess, &code);
  int length = _snprintf(said, sizeof said, "%lu\n", code);
  WriteFile(inherited_file(folder, L"code"), said, (DWORD)length, &written, NULL);
  return 0;
}
