#include "settings-watch.h"
#include "text.h"

/* Milliseconds without a change, and at most from the first one, until it is told. */
#define QUIET 1000
#define AT_MOST 10000

struct settings_watch {
  wchar_t *paths[SETTINGS_KEYS];
  HKEY keys[SETTINGS_KEYS];
  HANDLE events[SETTINGS_KEYS];
  BOOL stirred;
  ULONGLONG first, last;
};

/* That key; where it is not there, the nearest above it, for then it is to be heard of when it is made. */
static LSTATUS open_nearest(const wchar_t *path, HKEY *key, BOOL *is_above)
{
  wchar_t *there = format(L"%ls", path);
  LSTATUS error;
  *is_above = FALSE;
  for (;;) {
    error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, there, 0, KEY_NOTIFY | KEY_WOW64_64KEY, key);
    wchar_t *end = wcsrchr(there, L'\\');
    if ((error != ERROR_FILE_NOT_FOUND && error != ERROR_KEY_DELETED) || end == NULL) break;
    *end = 0;
    *is_above = TRUE;
  }
  free(there);
  return error;
}

/* Each call is good for one change. A key is let go of only when its change has come, for letting go looks like one. */
static LSTATUS arm(struct settings_watch *watch, size_t i)
{
  BOOL is_above;
  if (watch->keys[i] != NULL) RegCloseKey(watch->keys[i]);
  watch->keys[i] = NULL;
  LSTATUS error = open_nearest(watch->paths[i], &watch->keys[i], &is_above);
  if (error != ERROR_SUCCESS) return error;
  DWORD of = is_above ? REG_NOTIFY_CHANGE_NAME : REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET;
  return RegNotifyChangeKeyValue(watch->keys[i], is_above, of, watch->events[i], TRUE);
}

struct settings_watch *watch_settings(const wchar_t *name)
{
  struct settings_watch *watch = memory(sizeof *watch);
  watch->paths[0] = format(L"SOFTWARE\\%ls", name);
  watch->paths[1] = format(L"SOFTWARE\\Policies\\%ls", name);
  for (size_t i = 0; i < SETTINGS_KEYS; i++) {
    watch->events[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
    DWORD error = watch->events[i] == NULL ? GetLastError() : (DWORD)arm(watch, i);
    if (error == 0) continue;
    release_settings_watch(watch);
    SetLastError(error);
    return NULL;
  }
  return watch;
}

const HANDLE *settings_news(const struct settings_watch *watch) { return watch->events; }

void settings_stir(struct settings_watch *watch, size_t key)
{
  watch->last = awake();
  if (!watch->stirred) watch->first = watch->last;
  watch->stirred = TRUE;
  /* Where it cannot be watched any longer, the program looks by itself now and then. */
  arm(watch, key);
}

BOOL settings_changed(struct settings_watch *watch)
{
  ULONGLONG at = awake();
  if (!watch->stirred || (at - watch->last < QUIET && at - watch->first < AT_MOST)) return FALSE;
  watch->stirred = FALSE;
  return TRUE;
}

BOOL settings_unsettled(const struct settings_watch *watch) { return watch->stirred; }

void release_settings_watch(struct settings_watch *watch)
{
  for (size_t i = 0; i < SETTINGS_KEYS; i++) {
    if (watch->keys[i] != NULL) RegCloseKey(watch->keys[i]);
    if (watch->events[i] != NULL) CloseHandle(watch->events[i]);
    free(watch->paths[i]);
  }
  free(watch);
}
