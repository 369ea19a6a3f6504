#include "library.h"

FARPROC system_function(const wchar_t *library, const char *name)
{
  /* Never freed: a handful of libraries, each needed until the process ends. */
  HMODULE module = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
  return module == NULL ? NULL : GetProcAddress(module, name);
}
