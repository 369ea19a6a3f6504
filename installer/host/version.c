#include "version.h"
#include <string.h>

static int parse(const char *text, unsigned long parts[3])
{
  for (int i = 0; i < 3; i++) {
    const char *from = text;
    parts[i] = 0;
    while (*text >= '0' && *text <= '9' && text - from < 5) parts[i] = parts[i] * 10 + (unsigned long)(*text++ - '0');
    if (text == from || (*from == '0' && text - from > 1) || parts[i] > 65535 || *text != (i < 2 ? '.' : 0)) return 0;
    text++;
  }
  return 1;
}

int is_version(const char *text)
{
  unsigned long parts[3];
  return parse(text, parts);
}

int compare_versions(const char *a, const char *b)
{
  unsigned long left[3], right[3];
  if (!parse(a, left) || !parse(b, right)) return strcmp(a, b);
  for (int i = 0; i < 3; i++)
    if (left[i] != right[i]) return left[i] < right[i] ? -1 : 1;
  return 0;
}
