#include "report.h"
#include "text.h"
#include <io.h>

#define LINE_MAX_CHARS 4000

static HANDLE told;
static SRWLOCK lock = SRWLOCK_INIT;

void report_to(HANDLE handle)
{
  intptr_t third = handle == NULL ? _get_osfhandle(3) : (intptr_t)handle;
  told = third == -1 || third == -2 ? NULL : (HANDLE)third;
  /* The script must not hold it open. */
  if (told != NULL) SetHandleInformation(told, HANDLE_FLAG_INHERIT, 0);
}

static void write_all(const char *bytes, DWORD length)
{
  AcquireSRWLockExclusive(&lock);
  while (length > 0) {
    DWORD written = 0;
    /* Nobody listens any more: there is nobody to tell that. */
    if (!WriteFile(told, bytes, length, &written, NULL) || written == 0) break;
    bytes += written;
    length -= written;
  }
  ReleaseSRWLockExclusive(&lock);
}

void report(const wchar_t *how, ...)
{
  wchar_t text[LINE_MAX_CHARS + 1] = {0};
  va_list values;
  if (told == NULL) return;
  va_start(values, how);
  _vsnwprintf(text, LINE_MAX_CHARS, how, values);
  va_end(values);
  /* One line is one message, whatever a path or an error text holds. */
  for (wchar_t *c = text; *c != 0; c++)
    if (*c < L' ') *c = L' ';
  wchar_t *line = format(L"%ls\n", text);
  char *bytes = to_utf8(line);
  write_all(bytes, (DWORD)strlen(bytes));
  free(bytes);
  free(line);
}

size_t report_of(DWORD session, const char *line, size_t length, size_t most)
{
  char *bytes = memory(length + 32);
  size_t head = (size_t)_snprintf(bytes, 32, "session %lu ", session), size = head + length + 1;
  memcpy(bytes + head, line, length);
  for (size_t i = head; i < size; i++)
    if ((unsigned char)bytes[i] < ' ') bytes[i] = ' ';
  bytes[size - 1] = '\n';
  if (size > most) size = 0;
  if (told != NULL) write_all(bytes, (DWORD)size);
  free(bytes);
  return size;
}

static void problem(const wchar_t *kind, const wchar_t *code, const wchar_t *what, DWORD error)
{
  wchar_t *why = error_text(error);
  report(L"%ls %ls %ls: %ls", kind, code, what, why);
  free(why);
}

void report_failure(const wchar_t *code, const wchar_t *what, DWORD error) { problem(L"failed", code, what, error); }

void report_note(const wchar_t *code, const wchar_t *what, DWORD error) { problem(L"note", code, what, error); }
