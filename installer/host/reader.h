#pragma once
#include "windows-api.h"

/*
 * Waits for the thread that reads the pipe to come to its end, and closes both. Whoever has been given the other end may hold it for ever,
 * and hand it on: then it is not waited for.
 */
void end_reader(HANDLE *thread, HANDLE *pipe);
