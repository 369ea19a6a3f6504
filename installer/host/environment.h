#pragma once
#include "windows-api.h"

/* Both give a block for CreateProcess that the caller frees. */

/* Ours without the variables by which Node, or the OpenSSL in it, would be made to load what is not of this product. */
wchar_t *environment_for_node(void);

/* That of a user, with the named variables of ours added, and one more as `NAME=value` unless that is NULL. NULL: GetLastError. */
wchar_t *environment_of(HANDLE user, wchar_t *const *keep, size_t keep_count, const wchar_t *more);
