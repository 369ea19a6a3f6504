#pragma once
#include "windows-api.h"

/*
 * A function of a library in System32 and nowhere else, loaded when it is first needed: what an import table names is
 * looked for in the program's own folder first. NULL when it is not there; GetLastError says why.
 */
FARPROC system_function(const wchar_t *library, const char *name);

/* The same into a variable of the right type, from which it follows what is expected of it. */
#define LOAD_FUNCTION(variable, library, name) (((variable) = (__typeof__(variable))(void *)system_function(library, name)) != NULL)
