/* The decisions about versions, for a table of tests: reads what happens from standard input, a line each, and says what follows. */
#include "swap-file.h"
#include "version.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char names[16][VERSION_MAX];
static struct versions there = {names, 0};
static struct swap swap;
static struct run_so_far run;

static void show(const char *said)
{
  printf("%s | %s %s%s%s%s", said, swap.current[0] ? swap.current : "-", swap.previous[0] ? swap.previous : "-", swap.trial ? " trial" : "",
         swap.must_connect ? " must-connect" : "", swap.barred_count > 0 ? " barred" : "");
  for (int i = 0; i < swap.barred_count; i++) printf(" %s", swap.barred[i]);
  printf("\n");
}

static void read_state(char *text)
{
  for (char *c = text; *c != 0; c++)
    if (*c == ';') *c = '\n';
  show(read_swap(text, &swap) ? "read" : "refused");
}

static void write_state(void)
{
  char text[SWAP_TEXT_MAX];
  write_swap(&swap, text);
  for (char *c = text; *c != 0; c++)
    if (*c == '\n') *c = ';';
  printf("%s\n", text);
}

static void message(const char *line)
{
  static const char *const kinds[] = {"none", "bad", "ready", "connected", "offline", "unproven", "event", "update"};
  struct message said = parse_message(line);
  if (said.kind == EVENT) printf("event %u %d %s\n", said.event, said.level, said.text);
  else if (said.kind == UPDATE) printf("update %s\n", said.version);
  else printf("%s\n", kinds[said.kind]);
}

int wmain(void)
{
  static const char *const verdicts[] = {"undecided", "proven", "failed"};
  char line[4096];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    char *rest = strchr(line, ' ');
    if (rest != NULL) *rest++ = 0;
    else rest = line + strlen(line);
    if (strcmp(line, "versions") == 0) {
      there.count = 0;
      for (char *name = strtok(rest, " "); name != NULL; name = strtok(NULL, " ")) strcpy(names[there.count++], name);
    }
    if (strcmp(line, "is-version") == 0) printf("%s\n", is_version(rest) ? "yes" : "no");
    if (strcmp(line, "message") == 0) message(rest);
    if (strcmp(line, "read") == 0) read_state(rest);
    if (strcmp(line, "write") == 0) write_state();
    if (strcmp(line, "contact") == 0) swap.contact = atoll(rest);
    if (strcmp(line, "choose") == 0) show(choose_version(&swap, &there, atoll(rest)) ? "chosen" : "nothing");
    if (strcmp(line, "crash") == 0) show(verdicts[judge_crash(&swap)]);
    if (strcmp(line, "keep") == 0) keep_version(&swap), show("kept");
    if (strcmp(line, "back") == 0) show(go_back(&swap, &there) ? "back" : "no way back");
    if (strcmp(line, "allow") == 0) allow_version(&swap, rest), show("allowed");
    if (strcmp(line, "run") == 0) {
      memset(&run, 0, sizeof run);
      run.ready = strstr(rest, "ready") != NULL;
      run.connected = strstr(rest, "connected") != NULL;
      run.says_offline = strstr(rest, "offline") != NULL;
      run.healthy = run.connected || run.says_offline;
    }
    if (strcmp(line, "offline-counts-from") == 0) run.offline_counts_from = (unsigned long long)atoll(rest);
    if (strcmp(line, "judge") == 0) printf("%s\n", verdicts[judge_trial(&swap, &run, (unsigned long long)atoll(rest), 60000)]);
  }
  return 0;
}
