#include "environment.h"
#include "library.h"
#include "text.h"

/* Variables as `NAME=value`, pointing into blocks that outlive the list. */
struct list {
  const wchar_t **items;
  size_t count;
};

static size_t name_length(const wchar_t *item)
{
  /* The hidden ones, in which the system keeps the current folder of each drive, begin with the equals sign. */
  const wchar_t *end = *item == 0 ? NULL : wcschr(item + 1, L'=');
  return end == NULL ? wcslen(item) : (size_t)(end - item);
}

static int by_name(const void *a, const void *b)
{
  const wchar_t *left = *(const wchar_t *const *)a, *right = *(const wchar_t *const *)b;
  return CompareStringOrdinal(left, (int)name_length(left), right, (int)name_length(right), TRUE) - CSTR_EQUAL;
}

static void add(struct list *list, const wchar_t *item)
{
  const wchar_t **grown = realloc(list->items, (list->count + 1) * sizeof *grown);
  if (grown == NULL) ExitProcess(ERROR_NOT_ENOUGH_MEMORY);
  list->items = grown;
  list->items[list->count++] = item;
}

static void put(struct list *list, const wchar_t *item)
{
  for (size_t i = 0; i < list->count; i++) {
    if (by_name(&list->items[i], &item) != 0) continue;
    list->items[i] = item;
    return;
  }
  add(list, item);
}

/* In the order in which the system wants them. */
static wchar_t *block_of(struct list *list)
{
  size_t size = 2;
  if (list->count > 1) qsort(list->items, list->count, sizeof *list->items, by_name);
  for (size_t i = 0; i < list->count; i++) size += wcslen(list->items[i]) + 1;
  wchar_t *made = memory(size * sizeof *made), *to = made;
  for (size_t i = 0; i < list->count; i++) {
    size_t length = wcslen(list->items[i]) + 1;
    memcpy(to, list->items[i], length * sizeof *to);
    to += length;
  }
  free(list->items);
  return made;
}

static BOOL is_for_node(const wchar_t *item)
{
  static const wchar_t *const whole[] = {L"OPENSSL_CONF=", L"OPENSSL_MODULES=", L"OPENSSL_ENGINES=", L"SSLKEYLOGFILE="};
  if (_wcsnicmp(item, L"NODE_", 5) == 0) return TRUE;
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
    if (_wcsnicmp(item, whole[i], wcslen(whole[i])) == 0) return TRUE;
  return FALSE;
}

wchar_t *environment_for_node(void)
{
  struct list list = {0};
  wchar_t *own = GetEnvironmentStringsW();
  if (own == NULL) return NULL;
  for (const wchar_t *item = own; *item != 0; item += wcslen(item) + 1)
    if (!is_for_node(item)) add(&list, item);
  wchar_t *made = block_of(&list);
  FreeEnvironmentStringsW(own);
  return made;
}

static BOOL is_kept(const wchar_t *item, wchar_t *const *keep, size_t keep_count)
{
  size_t length = name_length(item);
  for (size_t i = 0; i < keep_count; i++)
    if (wcslen(keep[i]) == length && CompareStringOrdinal(item, (int)length, keep[i], (int)length, TRUE) == CSTR_EQUAL) return TRUE;
  return FALSE;
}

wchar_t *environment_of(HANDLE user, wchar_t *const *keep, size_t keep_count, const wchar_t *more)
{
  BOOL(WINAPI * create)(LPVOID *, HANDLE, BOOL);
  BOOL(WINAPI * destroy)(LPVOID);
  struct list list = {0};
  LPVOID block = NULL;
  if (!LOAD_FUNCTION(create, L"userenv.dll", "CreateEnvironmentBlock") ||
      !LOAD_FUNCTION(destroy, L"userenv.dll", "DestroyEnvironmentBlock") || !create(&block, user, FALSE))
    return NULL;
  wchar_t *own = GetEnvironmentStringsW();
  if (own == NULL) {
    destroy(block);
    SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return NULL;
  }
  for (const wchar_t *item = block; *item != 0; item += wcslen(item) + 1) add(&list, item);
  for (const wchar_t *item = own; *item != 0; item += wcslen(item) + 1)
    if (is_kept(item, keep, keep_count)) put(&list, item);
  if (more != NULL) put(&list, more);
  wchar_t *made = block_of(&list);
  FreeEnvironmentStringsW(own);
  destroy(block);
  return made;
}
