#pragma once
#include "windows-api.h"

/* A job whose processes all end when its last handle is closed, also when that is because its owner was killed. */
HANDLE new_job(DWORD more_limits);

/* What still runs in it goes on when it is closed. */
BOOL job_lets_live(HANDLE job);

/* How many processes run in it; -1 when that cannot be told. */
long job_count(HANDLE job);

/* Waits until none does, or that long (INFINITE: for ever). */
BOOL job_is_empty_within(HANDLE job, DWORD milliseconds);
