#pragma once
#include "windows-api.h"
#include "message.h"
#include "parameters.h"

/* What the program has said since it was last asked. */
struct heard {
  BOOL ready, healthy, connected; /* said at least once */
  enum message_kind contact;      /* the last word of CONNECTED, OFFLINE and UNPROVEN; else NO_MESSAGE */
  char update[VERSION_MAX];       /* "": it does not end for an update */
};

struct child;

/* Starts the program of that folder, in a job of its own. NULL: GetLastError. */
struct child *start_child(const struct parameters *parameters, const wchar_t *folder);

HANDLE child_process(const struct child *child);
/* Set whenever there is something new to hear. */
HANDLE child_news(const struct child *child);
void hear_child(struct child *child, struct heard *heard);

/* Says a line on its input. */
void tell_child(struct child *child, const char *line);

/* Asks it to end; with a reason there is a line before its input ends. */
void ask_child_to_end(struct child *child, const char *reason);

/* Ends whatever is left of it, and gives how its first process ended. `child` is gone then. */
DWORD close_child(struct child *child);
