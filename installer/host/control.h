#pragma once
#include "windows-api.h"

struct control {
  HANDLE end;  /* set when the script is asked to end */
  HANDLE kill; /* set when it has to, also because nobody is there any more who could ask */
};

/* Listens to standard input from now on: lines `end` and `kill`. FALSE: GetLastError. */
BOOL listen_to_control(struct control *control);
