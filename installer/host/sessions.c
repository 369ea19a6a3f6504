#include "sessions.h"
#include "library.h"
#include "text.h"
#include <wtsapi32.h>

static DWORD console;

static int console_first(const void *a, const void *b)
{
  DWORD left = ((const struct session *)a)->id, right = ((const struct session *)b)->id;
  if (left == right) return 0;
  if (left == console) return -1;
  if (right == console) return 1;
  return left < right ? -1 : 1;
}

BOOL active_sessions(struct session **sessions, size_t *count)
{
  BOOL(WINAPI * enumerate)(HANDLE, DWORD, DWORD, PWTS_SESSION_INFOW *, DWORD *);
  BOOL(WINAPI * token_of)(ULONG, PHANDLE);
  void(WINAPI * release)(PVOID);
  WTS_SESSION_INFOW *all = NULL;
  DWORD all_count = 0;
  *sessions = NULL;
  *count = 0;
  if (!LOAD_FUNCTION(enumerate, L"wtsapi32.dll", "WTSEnumerateSessionsW") ||
      !LOAD_FUNCTION(token_of, L"wtsapi32.dll", "WTSQueryUserToken") || !LOAD_FUNCTION(release, L"wtsapi32.dll", "WTSFreeMemory") ||
      !enumerate(WTS_CURRENT_SERVER_HANDLE, 0, 1, &all, &all_count))
    return FALSE;
  console = WTSGetActiveConsoleSessionId();
  *sessions = memory(all_count * sizeof **sessions);
  for (DWORD i = 0; i < all_count; i++) {
    HANDLE user = NULL;
    /* No token: nobody is logged on there, or has just left. */
    if (all[i].State != WTSActive || !token_of(all[i].SessionId, &user)) continue;
    (*sessions)[(*count)++] = (struct session){all[i].SessionId, user};
  }
  release(all);
  qsort(*sessions, *count, sizeof **sessions, console_first);
  return TRUE;
}
