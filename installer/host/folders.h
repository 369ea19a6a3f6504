#pragma once
#include "windows-api.h"

/* Makes one, for the system, the administrators and this account only. 0: done; ERROR_ALREADY_EXISTS: something is there. */
DWORD make_folder(const wchar_t *path);

/* Makes what is missing of that path below the folder, like this. What is there must not be a link. 0: done. */
DWORD make_folders(const wchar_t *folder, const wchar_t *below);
