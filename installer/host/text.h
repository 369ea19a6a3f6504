#pragma once
#include "windows-api.h"

/* Memory that is there or the process ends: nothing here could go on without it, and the system starts the service again. */
void *memory(size_t bytes);

/* printf into memory of its own; the caller frees it. */
wchar_t *format(const wchar_t *how, ...);

/* What the system says about an error, with its number: "Access is denied (5)". The caller frees it. */
wchar_t *error_text(DWORD code);

char *to_utf8(const wchar_t *text);
wchar_t *to_wide(const char *utf8);

/* The full path of this program. */
wchar_t *own_path(void);

/* Seconds since 1970. */
long long now(void);

/* Milliseconds that the machine has been awake: a laptop that slept has not been slow. */
ULONGLONG awake(void);
