#pragma once
#include "windows-api.h"

/* Answers to the service control manager until the service has been stopped. Gives the exit code. */
DWORD service_mode(void);

/* For the supervisor: what the system is told. */
void service_is_running(void);
BOOL service_has_started(void);
void service_makes_progress(void); /* starting or stopping takes its time */
