#include "arguments.h"
#include "text.h"

static BOOL is_blank(wchar_t c) { return c == L' ' || c == L'\t'; }

static void skip_blanks(const wchar_t **cursor)
{
  while (is_blank(**cursor)) (*cursor)++;
}

wchar_t *next_argument(const wchar_t **cursor)
{
  skip_blanks(cursor);
  const wchar_t *from = *cursor;
  if (*from == 0) return NULL;
  /* Never longer than what it is read from. */
  wchar_t *made = memory((wcslen(from) + 1) * sizeof *made);
  size_t length = 0;
  BOOL quoted = FALSE;
  while (*from != 0 && (quoted || !is_blank(*from))) {
    size_t slashes = 0;
    while (*from == L'\\') {
      slashes++;
      from++;
    }
    BOOL before_quote = *from == L'"';
    for (size_t i = 0; i < (before_quote ? slashes / 2 : slashes); i++) made[length++] = L'\\';
    if (before_quote && slashes % 2 == 1) {
      made[length++] = *from++;
    } else if (before_quote) {
      if (quoted && from[1] == L'"') made[length++] = *from++;
      else quoted = !quoted;
      from++;
    } else if (*from != 0 && (quoted || !is_blank(*from))) {
      made[length++] = *from++;
    }
  }
  *cursor = from;
  skip_blanks(cursor);
  return made;
}

wchar_t *next_program(const wchar_t **cursor)
{
  skip_blanks(cursor);
  const wchar_t *from = *cursor;
  if (*from == 0) return NULL;
  wchar_t *made = memory((wcslen(from) + 1) * sizeof *made);
  size_t length = 0;
  BOOL quoted = FALSE;
  for (; *from != 0 && (quoted || !is_blank(*from)); from++) {
    if (*from == L'"') quoted = !quoted;
    else made[length++] = *from;
  }
  *cursor = from;
  skip_blanks(cursor);
  return made;
}
