#pragma once
#include "windows-api.h"

struct stopping {
  HANDLE asked;            /* set when the service is to stop */
  volatile LONG restarting; /* whether the machine goes down */
};

/* Runs the program of that service, again and again, until it is asked to stop. */
void supervise(const wchar_t *service, struct stopping *stopping);
