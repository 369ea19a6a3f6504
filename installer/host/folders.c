#include "folders.h"
#include "text.h"
#include <sddl.h>

/* Below ProgramData any user may make files in what is made without this. */
#define OURS_ONLY L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)"

static DWORD make(const wchar_t *path, SECURITY_ATTRIBUTES *rights)
{
  DWORD attributes = GetFileAttributesW(path);
  if (attributes != INVALID_FILE_ATTRIBUTES) return attributes & FILE_ATTRIBUTE_DIRECTORY ? 0 : ERROR_DIRECTORY;
  if (CreateDirectoryW(path, rights)) return 0;
  return GetLastError() == ERROR_ALREADY_EXISTS ? 0 : GetLastError();
}

DWORD make_folders(const wchar_t *path)
{
  SECURITY_ATTRIBUTES rights = {sizeof rights, NULL, FALSE};
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(OURS_ONLY, SDDL_REVISION_1, &rights.lpSecurityDescriptor, NULL))
    return GetLastError();
  DWORD error = 0;
  wchar_t *part = format(L"%ls", path);
  /* Behind the drive: each backslash ends the name of a folder above. */
  for (wchar_t *end = wcschr(part, L'\\'); error == 0 && end != NULL; *end = L'\\') {
    end = wcschr(end + 1, L'\\');
    if (end == NULL) break;
    *end = 0;
    error = make(part, &rights);
  }
  if (error == 0) error = make(part, &rights);
  free(part);
  LocalFree(rights.lpSecurityDescriptor);
  return error;
}
