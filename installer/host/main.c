/* The modes of kanade-host.exe. What it tells and takes is written down in README.md. */
#include "windows-api.h"
#include "arguments.h"
#include "protect.h"
#include "run.h"
#include "service.h"

static DWORD usage(void)
{
  fwprintf(stderr, L"kanade-host service | run ... | protect | unprotect: see docs/windows-host.md\n");
  return EXIT_USAGE;
}

int wmain(void)
{
  /* Libraries come from System32 alone, and so does what they load themselves. */
  if (!SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32)) return (int)GetLastError();
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
  HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
  const wchar_t *cursor = GetCommandLineW();
  free(next_program(&cursor));
  wchar_t *mode = next_argument(&cursor);
  DWORD code;
  if (mode == NULL) code = usage();
  else if (wcscmp(mode, L"run") == 0) code = run_mode(cursor);
  else if (wcscmp(mode, L"service") == 0) code = service_mode();
  else if (wcscmp(mode, L"protect") == 0) code = protect_mode(TRUE);
  else if (wcscmp(mode, L"unprotect") == 0) code = protect_mode(FALSE);
  else code = usage();
  free(mode);
  return (int)code;
}
