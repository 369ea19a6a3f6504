#ifndef KANADE_WINDOWS_API_H
#define KANADE_WINDOWS_API_H
/* One place decides which Windows this is written for: 10 1809 and Server 2019. */
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0A00
#define NTDDI_VERSION 0x0A000006
#include <windows.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* From those of our modes that fail before what they were asked for began. */
#define EXIT_NOT_STARTED 125
#define EXIT_USAGE 2

#endif
