#include "folders.h"
#include "text.h"
#include <sddl.h>

/* Below ProgramData any user may make files in what is made without this. */
#define OURS_ONLY L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"

DWORD make_folder(const wchar_t *path)
{
  SECURITY_ATTRIBUTES rights = {sizeof rights, NULL, FALSE};
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(OURS_ONLY, SDDL_REVISION_1, &rights.lpSecurityDescriptor, NULL))
    return GetLastError();
  DWORD error = CreateDirectoryW(path, &rights) ? 0 : GetLastError();
  LocalFree(rights.lpSecurityDescriptor);
  return error;
}

static DWORD ensure(const wchar_t *path)
{
  DWORD error = make_folder(path);
  if (error != ERROR_ALREADY_EXISTS) return error;
  DWORD attributes = GetFileAttributesW(path);
  if (attributes == INVALID_FILE_ATTRIBUTES) return GetLastError();
  return (attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == FILE_ATTRIBUTE_DIRECTORY ? 0 : ERROR_DIRECTORY;
}

DWORD make_folders(const wchar_t *folder, const wchar_t *below)
{
  DWORD error = 0;
  wchar_t *part = format(L"%ls\\%ls", folder, below);
  for (wchar_t *end = part + wcslen(folder); error == 0; *end = L'\\') {
    end = wcschr(end + 1, L'\\');
    if (end == NULL) break;
    *end = 0;
    error = ensure(part);
  }
  if (error == 0) error = ensure(part);
  free(part);
  return error;
}
