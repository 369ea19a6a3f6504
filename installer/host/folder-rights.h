#pragma once
#include "windows-api.h"
#include "sessions.h"

/* The folder and what is in it: for the system and the administrators, and for those users to read; inheriting nothing. 0: done. */
DWORD let_users_read(const wchar_t *folder, const struct session *sessions, size_t count);

/* Makes that file: for the system and the administrators, and for that user to read and to write, but neither to delete nor to replace. 0: done. */
DWORD make_users_file(const wchar_t *path, const struct session *session);
