#pragma once
#include "windows-api.h"

struct session {
  DWORD id;
  HANDLE user; /* a primary token of who is logged on there */
};

/*
 * The sessions in which somebody is at work: the console first, then by number. FALSE: they could not be listed; a session
 * in which nobody is logged on is not among them. The caller closes the tokens and frees the list.
 */
BOOL active_sessions(struct session **sessions, size_t *count);
