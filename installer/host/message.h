#pragma once

/* What the program that the service runs says about itself, a line each, behind `@kanade `. No Windows in here. */

#define VERSION_MAX 32

enum message_kind {
  NO_MESSAGE, /* any other line */
  BAD_MESSAGE,
  READY,
  CONNECTED,
  OFFLINE,
  UNPROVEN,
  EVENT,
  UPDATE,
};

enum event_level { INFO, WARNING, FAILURE };

struct message {
  enum message_kind kind;
  unsigned event;         /* EVENT: its id */
  enum event_level level;
  const char *text;       /* points into the line */
  char version[VERSION_MAX];
};

/* The ids that this program has texts for. */
#define EVENT_FIRST 1000
#define EVENT_LAST 1099

struct message parse_message(const char *line);
