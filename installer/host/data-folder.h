#pragma once
#include "windows-api.h"

/*
 * Any user may make folders in ProgramData, and put there what the service then reads, or a link to where it then writes: before it was
 * installed, or once it was removed. So only a folder is believed that no user can have made; any other is moved away, whole, and made anew.
 *
 * 0: the folder is there and ours. `said` (the caller frees it) is NULL, or what was moved away and why; with an error, what could not be.
 */
DWORD ensure_data_folder(const wchar_t *data, wchar_t **said);
