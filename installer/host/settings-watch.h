#pragma once
#include "windows-api.h"

/* What the registry says to the program: SOFTWARE\<name>, of its installation, and SOFTWARE\Policies\<name>. */
struct settings_watch;

/* NULL: GetLastError. For the thread that asks, whose end would look like a change. */
struct settings_watch *watch_settings(const wchar_t *name);

/* Those to wait for, one for each key. */
#define SETTINGS_KEYS 2
const HANDLE *settings_news(const struct settings_watch *watch);

/* That one of them is set. */
void settings_stir(struct settings_watch *watch, size_t key);

/* Whether something has changed and it has been quiet since: Group Policy deletes all that it has said before it says it anew. */
BOOL settings_changed(struct settings_watch *watch);
/* Whether that is to be asked before long. */
BOOL settings_unsettled(const struct settings_watch *watch);

void release_settings_watch(struct settings_watch *watch);
