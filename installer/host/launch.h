#pragma once
#include "windows-api.h"

struct launch {
  const wchar_t *program;      /* absolute */
  const wchar_t *command_line; /* with the program's name in front, as the program will see it */
  const wchar_t *folder;       /* NULL: ours */
  wchar_t *environment;        /* NULL: ours */
  HANDLE job;                  /* NULL: none */
  HANDLE user;                 /* a token; NULL: our account */
  DWORD flags;                 /* for CreateProcess, beside those that always hold */
  HANDLE in, out, err, extra;  /* inheritable; `extra` may be NULL. The process inherits these and nothing else. */
};

/*
 * Starts a process outside of the jobs that this one is in (where they let it: else inside) and in the given one from its
 * first instruction, so that there is no moment at which it could escape. The caller closes its handle; FALSE: GetLastError.
 */
BOOL launch(const struct launch *what, HANDLE *process, DWORD *pid);

/* A duplicate that a child may inherit, or of NUL when there is nothing to duplicate. NULL: GetLastError. */
HANDLE inheritable(HANDLE handle);
HANDLE inheritable_nul(DWORD access);

/* A pipe of which the child gets one end. `child_reads`: we write. FALSE: GetLastError. */
BOOL pipe_to_child(HANDLE *ours, HANDLE *childs, BOOL child_reads);

/* Closes what is a handle, and forgets it. */
void close_handle(HANDLE *handle);

/* Absolute, on a drive, and a program rather than a script that would drag a shell in with rules of its own for quotes. */
BOOL is_program_path(const wchar_t *path);
