#pragma once
#include "run.h"

/* The script as the users who are logged on: in the first of their sessions, or in all of them. */
DWORD run_as_users(const struct run_options *options);
