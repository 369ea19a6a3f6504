#include "text.h"

void *memory(size_t bytes)
{
  void *made = calloc(1, bytes == 0 ? 1 : bytes);
  if (made == NULL) ExitProcess(ERROR_NOT_ENOUGH_MEMORY);
  return made;
}

wchar_t *format(const wchar_t *how, ...)
{
  va_list values;
  va_start(values, how);
  int length = _vscwprintf(how, values);
  va_end(values);
  if (length < 0) length = 0;
  wchar_t *made = memory(((size_t)length + 1) * sizeof *made);
  va_start(values, how);
  _vsnwprintf(made, (size_t)length, how, values);
  va_end(values);
  return made;
}

wchar_t *error_text(DWORD code)
{
  wchar_t *said = NULL;
  DWORD length = FormatMessageW(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                                    FORMAT_MESSAGE_MAX_WIDTH_MASK,
                                NULL, code, 0, (wchar_t *)&said, 0, NULL);
  while (length > 0 && (said[length - 1] == L' ' || said[length - 1] == L'.')) said[--length] = 0;
  wchar_t *made = length == 0 ? format(L"error %lu", code) : format(L"%ls (%lu)", said, code);
  if (said != NULL) LocalFree(said);
  return made;
}

char *to_utf8(const wchar_t *text)
{
  int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  char *made = memory((size_t)length + 1);
  if (length > 0) WideCharToMultiByte(CP_UTF8, 0, text, -1, made, length, NULL, NULL);
  return made;
}

wchar_t *to_wide(const char *utf8)
{
  int length = MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0);
  wchar_t *made = memory(((size_t)length + 1) * sizeof *made);
  if (length > 0) MultiByteToWideChar(CP_UTF8, 0, utf8, -1, made, length);
  return made;
}

wchar_t *own_path(void)
{
  for (DWORD size = 512;; size *= 2) {
    wchar_t *path = memory(size * sizeof *path);
    DWORD length = GetModuleFileNameW(NULL, path, size);
    /* As long as the buffer means cut off. */
    if (length > 0 && length < size) return path;
    free(path);
    if (length == 0 || size > 65536) ExitProcess(ERROR_BAD_PATHNAME);
  }
}

long long now(void)
{
  FILETIME at;
  GetSystemTimeAsFileTime(&at);
  return ((((long long)at.dwHighDateTime) << 32) | at.dwLowDateTime) / 10000000 - 11644473600LL;
}

ULONGLONG awake(void)
{
  ULONGLONG hundreds = 0;
  QueryUnbiasedInterruptTime(&hundreds);
  return hundreds / 10000;
}
