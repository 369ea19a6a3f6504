#pragma once
#include "windows-api.h"

/*
 * What run mode tells the agent, a line at a time: on the handle that `--report` names, else on file descriptor 3 as the C
 * runtime and Node hand it on. Without either nothing is told.
 */
void report_to(HANDLE handle);

/* Where it goes; NULL: nowhere. */
HANDLE report_handle(void);

/* Every line of a run in a user's session names that session. */
void report_session(DWORD session);

void report(const wchar_t *how, ...);

/* `failed <code> <what, and why by the system's error>`: nothing ran, or nothing is known of how it ended. */
void report_failure(const wchar_t *code, const wchar_t *what, DWORD error);

/* `note <code> ...`: the run goes on. */
void report_note(const wchar_t *code, const wchar_t *what, DWORD error);
