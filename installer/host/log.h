#pragma once
#include "windows-api.h"
#include "message.h"

/* Ids of the Event Log that are this program's own; docs/windows-host.md has all of them. */
#define EVENT_STARTED 1000
#define EVENT_STOPPED 1001
#define EVENT_CRASHED 1002
#define EVENT_HUNG 1003
#define EVENT_CANNOT_START 1004
#define EVENT_TRIAL 1010
#define EVENT_PROVEN 1011
#define EVENT_ROLLED_BACK 1012
#define EVENT_DATA_UNTRUSTED 1018
#define EVENT_HOST_PROBLEM 1019

/* Events are those of this source from now on, or of Kanade when it is NULL. */
void log_as(const wchar_t *source);

/* Lines go to <data>\host\log\<name>.log from now on, with one older file beside it; before, and without it, nowhere. */
void log_to(const wchar_t *data, const wchar_t *name, DWORD max_bytes);

/* Any thread. `from`: host, out or err. */
void log_bytes(const char *from, const char *bytes, size_t length);
void log_line(const wchar_t *how, ...);

/* To the Event Log, and to the file. */
void log_event(enum event_level level, DWORD id, const wchar_t *text);

/* As an event at level FAILURE: what did not work, and what the system says about it. */
void log_problem(DWORD id, const wchar_t *what, DWORD error);
