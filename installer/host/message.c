#include "message.h"
#include "version.h"
#include <string.h>

#define MARK "@kanade "

/* Behind the word and one blank, or NULL when the text does not begin with it. */
static const char *after(const char *text, const char *word)
{
  size_t length = strlen(word);
  return strncmp(text, word, length) == 0 && text[length] == ' ' ? text + length + 1 : NULL;
}

static int parse_event(const char *rest, struct message *made)
{
  static const char *const levels[] = {"info", "warning", "error"};
  unsigned id = 0;
  for (int i = 0; i < 4; i++, rest++) {
    if (*rest < '0' || *rest > '9') return 0;
    id = id * 10 + (unsigned)(*rest - '0');
  }
  if (*rest++ != ' ' || id < EVENT_FIRST || id > EVENT_LAST) return 0;
  for (int level = INFO; level <= FAILURE; level++) {
    made->text = after(rest, levels[level]);
    if (made->text == NULL) continue;
    made->event = id;
    made->level = (enum event_level)level;
    return made->text[0] != 0;
  }
  return 0;
}

struct message parse_message(const char *line)
{
  static const struct { const char *words; enum message_kind kind; } plain[] = {
      {"ready", READY}, {"healthy connected", CONNECTED}, {"healthy offline", OFFLINE}, {"unproven", UNPROVEN}};
  struct message made = {.kind = BAD_MESSAGE};
  const char *rest;
  if (strncmp(line, MARK, strlen(MARK)) != 0) {
    made.kind = NO_MESSAGE;
    return made;
  }
  line += strlen(MARK);
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    if (strcmp(line, plain[i].words) == 0) made.kind = plain[i].kind;
  if ((rest = after(line, "event")) != NULL && parse_event(rest, &made)) made.kind = EVENT;
  if ((rest = after(line, "update")) != NULL && is_version(rest)) {
    strcpy(made.version, rest);
    made.kind = UPDATE;
  }
  return made;
}
