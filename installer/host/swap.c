#include "swap.h"
#include "version.h"
#include <string.h>

int has_version(const struct versions *there, const char *name)
{
  for (int i = 0; i < there->count; i++)
    if (strcmp(there->names[i], name) == 0) return 1;
  return 0;
}

int is_barred(const struct swap *swap, const char *name)
{
  for (int i = 0; i < swap->barred_count; i++)
    if (strcmp(swap->barred[i], name) == 0) return 1;
  return 0;
}

/* NULL when there is none. */
static const char *highest(const struct swap *swap, const struct versions *there, int barred_too)
{
  const char *best = NULL;
  for (int i = 0; i < there->count; i++) {
    const char *name = there->names[i];
    if (!barred_too && is_barred(swap, name)) continue;
    if (best == NULL || compare_versions(name, best) > 0) best = name;
  }
  return best;
}

int choose_version(struct swap *swap, const struct versions *there, long long now)
{
  const char *best = highest(swap, there, 0);
  /* One that failed beats none at all. */
  if (best == NULL) best = highest(swap, there, 1);
  if (best == NULL) return 0;
  if (strcmp(best, swap->current) == 0) return 1;
  int newer = swap->current[0] != 0 && has_version(there, swap->current) && compare_versions(best, swap->current) > 0;
  long long since = now > swap->contact ? now - swap->contact : swap->contact - now;
  int recent = swap->contact != 0 && since <= CONTACT_RECENT;
  /* The way back leads to a version that is proven, never to another that is on trial itself. */
  if (!newer) swap->previous[0] = 0;
  else if (!swap->trial || !has_version(there, swap->previous)) strcpy(swap->previous, swap->current);
  swap->must_connect = newer && (recent || (swap->trial && swap->must_connect));
  swap->trial = newer;
  swap->crashes = 0;
  strcpy(swap->current, best);
  return 1;
}

enum verdict judge_trial(const struct swap *swap, const struct run_so_far *run, unsigned long long now, unsigned long long within)
{
  if (!swap->trial) return UNDECIDED;
  if (!run->ready) return now - run->started >= within ? FAILED : UNDECIDED;
  if (run->connected || (run->healthy && !swap->must_connect)) return PROVEN;
  if (run->says_offline && now - run->offline_counts_from >= within) return FAILED;
  return UNDECIDED;
}

enum verdict judge_crash(struct swap *swap)
{
  if (!swap->trial) return UNDECIDED;
  swap->crashes++;
  return swap->crashes >= CRASHES_MAX ? FAILED : UNDECIDED;
}

void keep_version(struct swap *swap)
{
  swap->trial = swap->must_connect = swap->crashes = 0;
}

void allow_version(struct swap *swap, const char *name)
{
  for (int i = 0; i < swap->barred_count; i++) {
    if (strcmp(swap->barred[i], name) != 0) continue;
    memmove(swap->barred[i], swap->barred[i + 1], sizeof swap->barred[0] * (size_t)(--swap->barred_count - i));
    return;
  }
}

int go_back(struct swap *swap, const struct versions *there)
{
  swap->trial = swap->must_connect = swap->crashes = 0;
  if (swap->previous[0] == 0 || !has_version(there, swap->previous)) return 0;
  /* The oldest gives way: it is the least likely to be offered again. */
  if (swap->barred_count == BARRED_MAX) memmove(swap->barred[0], swap->barred[1], sizeof swap->barred[0] * --swap->barred_count);
  strcpy(swap->barred[swap->barred_count++], swap->current);
  strcpy(swap->current, swap->previous);
  swap->previous[0] = 0;
  return 1;
}
