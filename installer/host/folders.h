#pragma once
#include "windows-api.h"

/* Makes the folder and those above it that are missing, for the system, the administrators and this account only. 0: done. */
DWORD make_folders(const wchar_t *path);
