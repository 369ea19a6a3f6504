#include "log.h"
#include "folders.h"
#include "launch.h"
#include "text.h"

/* Unless a service says another one. */
#define SOURCE L"Kanade"
/* Characters: what the Event Log takes of one text. */
#define TEXT_MAX 31000

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE file;
static wchar_t *path, *older, *source_name;
static LONGLONG size, max_size;

static HANDLE open_log(void)
{
  HANDLE made = CreateFileW(path, FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
                            FILE_ATTRIBUTE_NORMAL, NULL);
  LARGE_INTEGER length = {0};
  if (made == INVALID_HANDLE_VALUE) return NULL;
  GetFileSizeEx(made, &length);
  size = length.QuadPart;
  return made;
}

void log_as(const wchar_t *source)
{
  AcquireSRWLockExclusive(&lock);
  free(source_name);
  source_name = format(L"%ls", source == NULL ? SOURCE : source);
  ReleaseSRWLockExclusive(&lock);
}

void log_to(const wchar_t *data, const wchar_t *name, DWORD max_bytes)
{
  wchar_t *wanted = format(L"%ls\\host\\log\\%ls.log", data, name);
  DWORD error = 0;
  AcquireSRWLockExclusive(&lock);
  max_size = max_bytes;
  if (file == NULL || _wcsicmp(path, wanted) != 0) {
    close_handle(&file);
    free(path);
    free(older);
    path = format(L"%ls", wanted);
    older = format(L"%ls.1", wanted);
    error = make_folders(data, L"host\\log");
    if (error == 0 && (file = open_log()) == NULL) error = GetLastError();
  }
  ReleaseSRWLockExclusive(&lock);
  if (error != 0) log_problem(EVENT_HOST_PROBLEM, wanted, error);
  free(wanted);
}

/* Under the lock. */
static void rotate(void)
{
  close_handle(&file);
  /* Somebody may hold it or the older one for a moment: the next line tries again. */
  MoveFileExW(path, older, MOVEFILE_REPLACE_EXISTING);
  file = open_log();
}

/* Under the lock. What cannot be written is lost: there is nowhere to say so. */
static void write_all(const char *bytes, size_t length)
{
  while (file != NULL && length > 0) {
    DWORD written = 0;
    if (!WriteFile(file, bytes, (DWORD)length, &written, NULL) || written == 0) return;
    size += written;
    bytes += written;
    length -= written;
  }
}

void log_bytes(const char *from, const char *bytes, size_t length)
{
  SYSTEMTIME at;
  char head[64];
  GetSystemTime(&at);
  int head_length = _snprintf(head, sizeof head - 1, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ %s ", at.wYear, at.wMonth, at.wDay, at.wHour,
                              at.wMinute, at.wSecond, at.wMilliseconds, from);
  if (head_length < 0) head_length = 0;
  AcquireSRWLockExclusive(&lock);
  if (file != NULL && size > 0 && size + (LONGLONG)length > max_size) rotate();
  /* Held for long, it loses lines rather than fill the disk. */
  if (size < 2 * max_size) {
    write_all(head, (size_t)head_length);
    write_all(bytes, length);
    write_all("\r\n", 2);
  }
  ReleaseSRWLockExclusive(&lock);
}

static void log_text(const wchar_t *text)
{
  char *bytes = to_utf8(text);
  log_bytes("host", bytes, strlen(bytes));
  free(bytes);
}

void log_line(const wchar_t *how, ...)
{
  va_list values;
  va_start(values, how);
  int length = _vscwprintf(how, values);
  va_end(values);
  if (length < 0) return;
  wchar_t *text = memory(((size_t)length + 1) * sizeof *text);
  va_start(values, how);
  _vsnwprintf(text, (size_t)length, how, values);
  va_end(values);
  log_text(text);
  free(text);
}

void log_event(enum event_level level, DWORD id, const wchar_t *text)
{
  static const WORD types[] = {EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE, EVENTLOG_ERROR_TYPE};
  static const wchar_t *const names[] = {L"info", L"warning", L"error"};
  log_line(L"event %lu %ls %ls", id, names[level], text);
  AcquireSRWLockShared(&lock);
  HANDLE source = RegisterEventSourceW(NULL, source_name == NULL ? SOURCE : source_name);
  ReleaseSRWLockShared(&lock);
  wchar_t *cut = format(L"%.*ls", TEXT_MAX, text);
  const wchar_t *texts[] = {cut};
  if (source == NULL || !ReportEventW(source, types[level], 0, id, NULL, 1, 0, texts, NULL)) {
    wchar_t *why = error_text(GetLastError());
    log_line(L"the Event Log does not take it: %ls", why);
    free(why);
  }
  if (source != NULL) DeregisterEventSource(source);
  free(cut);
}

void log_problem(DWORD id, const wchar_t *what, DWORD error)
{
  wchar_t *why = error_text(error);
  wchar_t *text = format(L"%ls: %ls", what, why);
  log_event(FAILURE, id, text);
  free(text);
  free(why);
}
