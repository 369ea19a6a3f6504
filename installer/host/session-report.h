#pragma once
#include "windows-api.h"

/*
 * What is told in one user's session, on a pipe of that session's own: whoever is logged on there may write into it what he likes, and so it
 * is handed on with the session in front, and not for ever.
 */
#define SESSION_LINE_MAX 1024
/* Bytes of all of it: the agent reads 256 KiB of all sessions (core/agent/run/host-report.ts), of which there are 60 at most. */
#define SESSION_REPORT_MAX 4096

struct session_report {
  DWORD session;
  HANDLE pipe, thread;
  size_t length, told;
  char line[SESSION_LINE_MAX];
};

/* Hands on what comes through `pipe` from now on; it must not move meanwhile. FALSE: GetLastError. */
BOOL begin_session_report(struct session_report *report);

/* Once the process in that session has ended, or never began. */
void end_session_report(struct session_report *report);
