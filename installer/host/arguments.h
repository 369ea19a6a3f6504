#pragma once
#include "windows-api.h"

/*
 * The next argument of a command line by the rules of the C runtime, and the cursor behind it and the blanks that follow, so
 * that what is left can be handed on untouched. NULL at the end. The caller frees it.
 */
wchar_t *next_argument(const wchar_t **cursor);

/* The same for a program's own name, in which a backslash means nothing special. */
wchar_t *next_program(const wchar_t **cursor);
