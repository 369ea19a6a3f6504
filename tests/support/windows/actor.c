/* A program for tests of kanade-host: does what the lines of the file say that its first argument names. */
#include "windows-api.h"
#include "text.h"
#include <tlhelp32.h>

static void put(DWORD which, const char *bytes, size_t length)
{
  DWORD written;
  while (length > 0 && WriteFile(GetStdHandle(which), bytes, (DWORD)length, &written, NULL)) {
    bytes += written;
    length -= written;
  }
}

static void say(DWORD which, const char *text)
{
  put(which, text, strlen(text));
  put(which, "\n", 1);
}

static void say_wide(const wchar_t *text)
{
  char *bytes = to_utf8(text);
  say(STD_OUTPUT_HANDLE, bytes);
  free(bytes);
}

/* What is read goes to a file beside the plan. */
static void hear(const wchar_t *plan)
{
  char bytes[256];
  DWORD read, written;
  wchar_t *path = format(L"%ls.heard", plan);
  HANDLE file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
  free(path);
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &read, NULL) && read > 0) WriteFile(file, bytes, read, &written, NULL);
  WriteFile(file, "end\n", 4, &written, NULL);
  CloseHandle(file);
}

static void spawn(const char *plan, BOOL inherit)
{
  STARTUPINFOW how = {.cb = sizeof how};
  PROCESS_INFORMATION made;
  wchar_t *own = own_path(), *wide = to_wide(plan), *line = format(L"\"%ls\" \"%ls\"", own, wide);
  if (!CreateProcessW(own, line, NULL, NULL, inherit, 0, NULL, NULL, &how, &made)) {
    say(STD_ERROR_HANDLE, "cannot spawn");
    ExitProcess(99);
  }
  CloseHandle(made.hThread);
  CloseHandle(made.hProcess);
  free(line);
  free(wide);
  free(own);
}

static void await(const char *path)
{
  wchar_t *wide = to_wide(path);
  while (GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES) Sleep(20);
  free(wide);
}

static void fill(size_t count)
{
  char block[1000];
  memset(block, 'x', sizeof block);
  for (; count > 0; count -= count < sizeof block ? count : sizeof block) {
    put(STD_OUTPUT_HANDLE, block, count < sizeof block ? count : sizeof block);
    put(STD_ERROR_HANDLE, block, count < sizeof block ? count : sizeof block);
  }
}

static void say_environment(const char *name)
{
  wchar_t *wide = to_wide(name), value[1024];
  DWORD length = GetEnvironmentVariableW(wide, value, 1024);
  wchar_t *text = length == 0 ? format(L"%ls is not set", wide) : format(L"%ls=%ls", wide, value);
  say_wide(text);
  free(text);
  free(wide);
}

/* Says it on every pipe that the process has which has started this one: as what runs as a user may. */
static void forge(const char *text)
{
  HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0), parent = NULL;
  PROCESSENTRY32W each = {.dwSize = sizeof each};
  for (BOOL more = Process32FirstW(all, &each); more && parent == NULL; more = Process32NextW(all, &each))
    if (each.th32ProcessID == GetCurrentProcessId()) parent = OpenProcess(PROCESS_DUP_HANDLE, FALSE, each.th32ParentProcessID);
  CloseHandle(all);
  char *line = memory(strlen(text) + 2);
  DWORD written;
  sprintf(line, "%s\n", text);
  for (uintptr_t value = 4; value < 2048; value += 4) {
    HANDLE pipe;
    if (!DuplicateHandle(parent, (HANDLE)value, GetCurrentProcess(), &pipe, 0, FALSE, DUPLICATE_SAME_ACCESS)) continue;
    if (GetFileType(pipe) == FILE_TYPE_PIPE) WriteFile(pipe, line, (DWORD)strlen(line), &written, NULL);
    CloseHandle(pipe);
  }
  CloseHandle(parent);
  free(line);
}

static DWORD heeds_with;

static BOOL WINAPI heed(DWORD event)
{
  say(STD_OUTPUT_HANDLE, event == CTRL_C_EVENT ? "asked" : "asked otherwise");
  ExitProcess(heeds_with);
}

/* How it takes Ctrl+C: ends with that code, or not at all. */
static void on_console(const char *code)
{
  heeds_with = (DWORD)atoll(code);
  SetConsoleCtrlHandler(*code == 0 ? NULL : heed, TRUE);
}

static void act(const wchar_t *plan, const char *verb, const char *rest)
{
  wchar_t folder[1024];
  if (strcmp(verb, "say") == 0) say(STD_OUTPUT_HANDLE, rest);
  if (strcmp(verb, "err") == 0) say(STD_ERROR_HANDLE, rest);
  if (strcmp(verb, "args") == 0) say_wide(GetCommandLineW());
  if (strcmp(verb, "env") == 0) say_environment(rest);
  if (strcmp(verb, "folder") == 0 && GetCurrentDirectoryW(1024, folder) > 0) say_wide(folder);
  if (strcmp(verb, "forge") == 0) forge(rest);
  if (strcmp(verb, "fill") == 0) fill((size_t)atoll(rest));
  if (strcmp(verb, "await") == 0) await(rest);
  if (strcmp(verb, "sleep") == 0) Sleep((DWORD)atoll(rest));
  if (strcmp(verb, "hear") == 0) hear(plan);
  if (strcmp(verb, "hang") == 0) Sleep(INFINITE);
  if (strcmp(verb, "spawn") == 0) spawn(rest, FALSE);
  if (strcmp(verb, "spawn-heir") == 0) spawn(rest, TRUE);
  if (strcmp(verb, "heed") == 0) on_console(rest);
  if (strcmp(verb, "deaf") == 0) on_console("");
  if (strcmp(verb, "crash") == 0) RaiseException(EXCEPTION_ACCESS_VIOLATION, EXCEPTION_NONCONTINUABLE, 0, NULL);
  if (strcmp(verb, "exit") == 0) ExitProcess((DWORD)atoll(rest));
}

int wmain(int count, wchar_t **arguments)
{
  char text[8192], *line;
  if (count < 2) return 98;
  FILE *file = _wfopen(arguments[1], L"rb");
  if (file == NULL) return 97;
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  for (line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *rest = strchr(line, ' ');
    if (rest != NULL) *rest++ = 0;
    act(arguments[1], line, rest == NULL ? "" : rest);
  }
  return 0;
}
