#pragma once
#include "windows-api.h"

/*
 * What a service is to run: values of HKLM\SYSTEM\CurrentControlSet\Services\<name>\Parameters, which only administrators
 * may write. They are read again at each start of the program.
 */
struct parameters {
  wchar_t *versions;  /* Versions: the folder of versions, of which the highest good one runs; or */
  wchar_t *folder;    /* Folder: the one folder that there is */
  wchar_t *program;   /* Program: a file in that folder */
  wchar_t *script;    /* Script: another one, the first argument, as an absolute path; may be missing */
  wchar_t *arguments; /* Arguments: the rest of the command line, verbatim; may be missing */
  wchar_t *settings;  /* Settings: its key below SOFTWARE and SOFTWARE\Policies, of whose changes it is told; may be missing */
  wchar_t *data;      /* Data: the folder under which state and log of this program lie */
  wchar_t *source;    /* Source: of its events; may be missing */
  DWORD ready_ms, stop_ms, backoff_first_ms, backoff_last_ms, steady_ms, trial_ms, log_bytes;
};

/* 0: done; else an error, and `problem` (the caller frees it) names the value. In either case release_parameters. */
DWORD read_parameters(const wchar_t *service, struct parameters *made, wchar_t **problem);
void release_parameters(struct parameters *parameters);
