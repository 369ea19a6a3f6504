#pragma once
#include "message.h"

/*
 * Which version runs, whether a new one is good, and the way back. Decisions only: no file, no clock, no Windows in here.
 *
 * steady: `current` runs; nothing is to be proven.
 * trial: `current` is new and `previous` ran before it. Proven, it becomes steady; failed, it is barred and `previous`
 * is steady again. Neither happens while nobody can tell.
 */

#define BARRED_MAX 16
#define CRASHES_MAX 3
/* Seconds: so lately connected, a version is expected to connect again. */
#define CONTACT_RECENT 300

struct swap {
  char current[VERSION_MAX];  /* "": none has run yet */
  char previous[VERSION_MAX]; /* "": there is no way back */
  int trial;
  int must_connect;
  int crashes;       /* of the trial */
  long long contact; /* when this PC was last known to be connected, seconds since 1970; 0: never */
  char barred[BARRED_MAX][VERSION_MAX];
  int barred_count;
};

/* The versions that lie there whole. */
struct versions {
  char (*names)[VERSION_MAX];
  int count;
};

int has_version(const struct versions *there, const char *name);
int is_barred(const struct swap *swap, const char *name);

/* Makes the version that is to run now `current`, and a trial of it when it is newer than the one before. 0: there is none. */
int choose_version(struct swap *swap, const struct versions *there, long long now);

/* One run of `current`, in milliseconds of one clock. */
struct run_so_far {
  int ready;
  int healthy;           /* has said that it is, connected or not */
  int connected;         /* has been, at any time in this run */
  int says_offline;      /* says that it cannot connect, and was not kept from it */
  unsigned long long started;
  unsigned long long offline_counts_from;
};

enum verdict { UNDECIDED, PROVEN, FAILED };

enum verdict judge_trial(const struct swap *swap, const struct run_so_far *run, unsigned long long now, unsigned long long within);

/* After `current` has ended as nobody had asked it to. */
enum verdict judge_crash(struct swap *swap);

void keep_version(struct swap *swap);

/* That version may be tried again: whoever runs knows of it what we do not. */
void allow_version(struct swap *swap, const char *name);

/* Bars `current` and makes `previous` the one that runs. 0: there is nothing to go back to, and `current` stays. */
int go_back(struct swap *swap, const struct versions *there);
