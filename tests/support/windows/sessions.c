/* Stands in for the file of that name in kanade-host: sessions as KANADE_TEST_SESSIONS names them, all of them this account's. */
#include "sessions.h"
#include "text.h"

BOOL active_sessions(struct session **sessions, size_t *count)
{
  wchar_t names[256];
  HANDLE own, user;
  *count = 0;
  *sessions = memory(16 * sizeof **sessions);
  if (GetEnvironmentVariableW(L"KANADE_TEST_SESSIONS", names, 256) == 0) return TRUE;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own)) return FALSE;
  for (wchar_t *name = wcstok(names, L" "); name != NULL && *count < 16; name = wcstok(NULL, L" ")) {
    if (!DuplicateTokenEx(own, TOKEN_ALL_ACCESS, NULL, SecurityImpersonation, TokenPrimary, &user)) return FALSE;
    (*sessions)[(*count)++] = (struct session){wcstoul(name, NULL, 10), user};
  }
  CloseHandle(own);
  return TRUE;
}
