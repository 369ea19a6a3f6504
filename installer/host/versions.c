#include "versions.h"
#include "folders.h"
#include "log.h"
#include "swap-file.h"
#include "text.h"
#include "version.h"

/* What an unpacked version has last. */
#define FILE_LIST L"release.json"

static BOOL is_file(const wchar_t *folder, const char *version, const wchar_t *name)
{
  WIN32_FILE_ATTRIBUTE_DATA about;
  wchar_t *path = format(L"%ls\\%hs\\%ls", folder, version, name);
  BOOL there = GetFileAttributesExW(path, GetFileExInfoStandard, &about) && !(about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
               (about.nFileSizeHigh > 0 || about.nFileSizeLow > 0);
  free(path);
  return there;
}

static BOOL is_whole(const struct parameters *parameters, const char *version)
{
  return is_file(parameters->versions, version, FILE_LIST) && is_file(parameters->versions, version, parameters->program) &&
         (parameters->script == NULL || is_file(parameters->versions, version, parameters->script));
}

struct versions list_versions(const struct parameters *parameters)
{
  struct versions made = {0};
  WIN32_FIND_DATAW found;
  wchar_t *pattern = format(L"%ls\\*", parameters->versions);
  HANDLE search = FindFirstFileExW(pattern, FindExInfoBasic, &found, FindExSearchLimitToDirectories, NULL, 0);
  free(pattern);
  if (search == INVALID_HANDLE_VALUE) return made;
  do {
    char *name = to_utf8(found.cFileName);
    if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) && is_version(name) && is_whole(parameters, name)) {
      made.names = realloc(made.names, (size_t)(made.count + 1) * sizeof *made.names);
      if (made.names == NULL) ExitProcess(ERROR_NOT_ENOUGH_MEMORY);
      strcpy(made.names[made.count++], name);
    }
    free(name);
  } while (FindNextFileW(search, &found));
  FindClose(search);
  return made;
}

void release_versions(struct versions *versions)
{
  free(versions->names);
  *versions = (struct versions){0};
}

static wchar_t *state_path(const wchar_t *data, const wchar_t *ending) { return format(L"%ls\\host\\state.txt%ls", data, ending); }

void load_swap(const wchar_t *data, struct swap *swap)
{
  char text[SWAP_TEXT_MAX];
  DWORD length = 0, error = 0;
  wchar_t *path = state_path(data, L"");
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
  memset(swap, 0, sizeof *swap);
  if (file == INVALID_HANDLE_VALUE || !ReadFile(file, text, sizeof text - 1, &length, NULL)) error = GetLastError();
  text[length] = 0;
  if (error == 0 && (strlen(text) != length || !read_swap(text, swap))) error = ERROR_INVALID_DATA;
  if (error != 0 && error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND) log_problem(EVENT_HOST_PROBLEM, path, error);
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  free(path);
}

static DWORD write_file(const wchar_t *path, const char *text, DWORD length)
{
  DWORD written = 0, error = 0;
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE) return GetLastError();
  if (!WriteFile(file, text, length, &written, NULL) || !FlushFileBuffers(file)) error = GetLastError();
  else if (written != length) error = ERROR_DISK_FULL;
  CloseHandle(file);
  return error;
}

BOOL save_swap(const wchar_t *data, const struct swap *swap)
{
  char text[SWAP_TEXT_MAX];
  DWORD length = (DWORD)write_swap(swap, text);
  wchar_t *path = state_path(data, L""), *next = state_path(data, L".new");
  DWORD error = make_folders(data, L"host");
  if (error == 0) error = write_file(next, text, length);
  /* A virus scanner may hold one of the two for a moment. */
  for (int i = 0; error == 0 && !MoveFileExW(next, path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH); i++) {
    if (i == 10) error = GetLastError();
    else Sleep(50);
  }
  if (error != 0) log_problem(EVENT_HOST_PROBLEM, path, error);
  free(next);
  free(path);
  return error == 0;
}
