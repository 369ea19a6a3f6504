#include "report.h"
#include "text.h"
#include <io.h>

#define LINE_MAX_CHARS 4000

static HANDLE told;
static wchar_t prefix[32];

void report_to(HANDLE handle)
{
  intptr_t third = handle == NULL ? _get_osfhandle(3) : (intptr_t)handle;
  told = third == -1 || third == -2 ? NULL : (HANDLE)third;
  /* The script must not hold it open. */
  if (told != NULL) SetHandleInformation(told, HANDLE_FLAG_INHERIT, 0);
}

HANDLE report_handle(void) { return told; }

void report_session(DWORD session) { _snwprintf(prefix, sizeof prefix / sizeof *prefix - 1, L"session %lu ", session); }

static void write_all(const char *bytes, DWORD length)
{
  while (length > 0) {
    DWORD written = 0;
    /* Nobody listens any more: there is nobody to tell that. */
    if (!WriteFile(told, bytes, length, &written, NULL) || written == 0) return;
    bytes += written;
    length -= written;
  }
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
  wchar_t *line = format(L"%ls%ls\n", prefix, text);
  char *bytes = to_utf8(line);
  write_all(bytes, (DWORD)strlen(bytes));
  free(bytes);
  free(line);
}

static void problem(const wchar_t *kind, const wchar_t *code, const wchar_t *what, DWORD error)
{
  wchar_t *why = error_text(error);
  report(L"%ls %ls %ls: %ls", kind, code, what, why);
  free(why);
}

void report_failure(const wchar_t *code, const wchar_t *what, DWORD error) { problem(L"failed", code, what, error); }

void report_note(const wchar_t *code, const wchar_t *what, DWORD error) { problem(L"note", code, what, error); }
