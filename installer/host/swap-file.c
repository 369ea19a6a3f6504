#include "swap-file.h"
#include "version.h"
#include <stdio.h>
#include <string.h>

int write_swap(const struct swap *swap, char text[SWAP_TEXT_MAX])
{
  int length = sprintf(text, "current %s\nprevious %s\ntrial %d\nmust-connect %d\ncrashes %d\ncontact %lld\n", swap->current, swap->previous,
                       swap->trial, swap->must_connect, swap->crashes, swap->contact);
  for (int i = 0; i < swap->barred_count; i++) length += sprintf(text + length, "barred %s\n", swap->barred[i]);
  return length;
}

/* The value of the line with that name, and the cursor behind it. 0: another line, none, or too long a value. */
static int take(const char **cursor, const char *name, char value[VERSION_MAX])
{
  size_t length = strlen(name);
  if (strncmp(*cursor, name, length) != 0 || (*cursor)[length] != ' ') return 0;
  const char *from = *cursor + length + 1, *end = strchr(from, '\n');
  if (end == NULL || end - from >= VERSION_MAX) return 0;
  memcpy(value, from, (size_t)(end - from));
  value[end - from] = 0;
  *cursor = end + 1;
  return 1;
}

static int take_version(const char **cursor, const char *name, char version[VERSION_MAX])
{
  return take(cursor, name, version) && (version[0] == 0 || is_version(version));
}

static int take_number(const char **cursor, const char *name, long long max, long long *number)
{
  char value[VERSION_MAX];
  if (!take(cursor, name, value) || value[0] == 0) return 0;
  *number = 0;
  for (const char *digit = value; *digit != 0; digit++) {
    if (*digit < '0' || *digit > '9') return 0;
    *number = *number * 10 + (*digit - '0');
    if (*number > max) return 0;
  }
  return 1;
}

static int read_all(const char *text, struct swap *swap)
{
  long long trial, must_connect, crashes;
  if (!take_version(&text, "current", swap->current) || !take_version(&text, "previous", swap->previous) ||
      !take_number(&text, "trial", 1, &trial) || !take_number(&text, "must-connect", 1, &must_connect) ||
      !take_number(&text, "crashes", CRASHES_MAX, &crashes) || !take_number(&text, "contact", 99999999999LL, &swap->contact))
    return 0;
  swap->trial = (int)trial;
  swap->must_connect = (int)must_connect;
  swap->crashes = (int)crashes;
  while (*text != 0) {
    if (swap->barred_count == BARRED_MAX || !take_version(&text, "barred", swap->barred[swap->barred_count])) return 0;
    if (swap->barred[swap->barred_count++][0] == 0) return 0;
  }
  return 1;
}

int read_swap(const char *text, struct swap *swap)
{
  memset(swap, 0, sizeof *swap);
  if (read_all(text, swap)) return 1;
  memset(swap, 0, sizeof *swap);
  return 0;
}
