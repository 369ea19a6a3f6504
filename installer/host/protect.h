#pragma once
#include "windows-api.h"

/* Bytes as Base64 on standard input and output, encrypted for the account this runs as. Gives the exit code; 3: not ours. */
DWORD protect_mode(BOOL protect);
