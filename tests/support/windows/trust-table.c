/* What is believed, for a table of tests: reads what was found from standard input, a line each, and says what follows. */
#include "trust.h"
#include <stdio.h>
#include <string.h>

static struct found found_of(const char *words)
{
  return (struct found){.there = strstr(words, "there") != NULL,
                        .hidden = strstr(words, "hidden") != NULL,
                        .link = strstr(words, "link") != NULL,
                        .folder = strstr(words, "folder") != NULL,
                        .ours = strstr(words, "ours") != NULL,
                        .open = strstr(words, "open") != NULL};
}

int wmain(void)
{
  char line[256], who[16];
  unsigned type, rights;
  while (fgets(line, sizeof line, stdin) != NULL) {
    struct found found = found_of(line + strcspn(line, " "));
    const char *doubt = strncmp(line, "part", 4) == 0 ? doubt_about_part(&found) : doubt_about_folder(&found);
    if (sscanf(line, "entry %u %x %15s", &type, &rights, who) == 3) doubt = entry_opens(type, rights, strcmp(who, "theirs") == 0) ? "opens" : NULL;
    printf("%s\n", doubt == NULL ? "believed" : doubt);
  }
  return 0;
}
