#pragma once
#include "windows-api.h"

/* `arguments`: the command line behind `run`. Gives the exit code of the script. */
DWORD run_mode(const wchar_t *arguments);

struct run_options {
  const wchar_t *user;   /* NULL, L"first" or L"all" */
  wchar_t *folder;       /* what the user may read; NULL: none */
  wchar_t **keep;        /* names of variables that the user's environment gets from ours */
  size_t keep_count;
  const wchar_t *script; /* the script's command line, verbatim */
  wchar_t *program;      /* its first word */
};
