#pragma once
#include "windows-api.h"

/*
 * What run mode tells the agent, a line at a time: on the handle that `--report` names, else on file descriptor 3 as the C
 * runtime and Node hand it on. Without either nothing is told.
 */
void report_to(HANDLE handle);

/* Any thread. */
void report(const wchar_t *how, ...);

/* A line that was told in that session, as UTF-8, unless it would be longer than that with the session in front. Gives the bytes it was. */
size_t report_of(DWORD session, const char *line, size_t length, size_t most);

/* `failed <code> <what, and why by the system's error>`: nothing ran, or nothing is known of how it ended. */
void report_failure(const wchar_t *code, const wchar_t *what, DWORD error);

/* `note <code> ...`: the run goes on. */
void report_note(const wchar_t *code, const wchar_t *what, DWORD error);
