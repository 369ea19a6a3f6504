/*
 * The life of the program behind a service.
 *
 * running: until it ends, is asked to, or has proven that it is a bad version.
 * waiting: it has ended unasked; a second, then twice as long each time, up to five minutes. Ten minutes of running forget that.
 */
#include "supervise.h"
#include "child.h"
#include "data-folder.h"
#include "log.h"
#include "service.h"
#include "settings-watch.h"
#include "text.h"
#include "versions.h"

/* Milliseconds: a version that has failed needs no long farewell. */
#define FAREWELL_OF_BAD 5000
/* Between two looks at what nobody tells us: deadlines, and progress for the system. */
#define LOOK_EVERY 500

enum ending { ENDED, STOPPED, FOR_UPDATE, ROLLED_BACK };

struct life {
  const wchar_t *service;
  struct stopping *stopping;
  struct parameters parameters;
  struct swap swap;
  wchar_t *data;  /* the folder that is known to be ours; NULL: none yet */
  BOOL announced; /* its start */
  BOOL has_state; /* `swap` was read */
  ULONGLONG begun;
  DWORD backoff;
};

static void trial_event(enum event_level level, DWORD id, const wchar_t *how, const char *version, const char *other)
{
  wchar_t *text = format(how, version, other);
  log_event(level, id, text);
  free(text);
}

/* The folder to run from; NULL: there is none, which has been said. The caller frees it. */
static wchar_t *choose_folder(struct life *life)
{
  struct parameters *given = &life->parameters;
  char before[VERSION_MAX];
  if (given->versions == NULL) return format(L"%ls", given->folder);
  if (!life->has_state) load_swap(given->data, &life->swap);
  life->has_state = TRUE;
  strcpy(before, life->swap.current);
  struct versions there = list_versions(given);
  BOOL any = choose_version(&life->swap, &there, now());
  release_versions(&there);
  if (!any) {
    log_problem(EVENT_CANNOT_START, given->versions, ERROR_FILE_NOT_FOUND);
    return NULL;
  }
  if (strcmp(before, life->swap.current) != 0) {
    save_swap(given->data, &life->swap);
    if (life->swap.trial) trial_event(INFO, EVENT_TRIAL, L"version %hs runs for the first time; before it ran %hs", life->swap.current, before);
  }
  return format(L"%ls\\%hs", given->versions, life->swap.current);
}

/* The same version again, unless this one has a way back. */
static enum ending roll_back(struct life *life, const wchar_t *why)
{
  char failed[VERSION_MAX];
  struct versions there = list_versions(&life->parameters);
  strcpy(failed, life->swap.current);
  BOOL back = go_back(&life->swap, &there);
  release_versions(&there);
  save_swap(life->parameters.data, &life->swap);
  wchar_t *text = back ? format(L"version %hs %ls: %hs runs again, and %hs is not tried any more", failed, why, life->swap.current, failed)
                       : format(L"version %hs %ls, and there is no other to go back to", failed, why);
  log_event(FAILURE, EVENT_ROLLED_BACK, text);
  free(text);
  return back ? ROLLED_BACK : ENDED;
}

static void note_contact(struct life *life, const struct heard *heard)
{
  if (heard->contact == CONNECTED) life->swap.contact = now();
}

/* FALSE: it did not, and was ended. */
static BOOL ends_within(struct child *child, DWORD milliseconds)
{
  ULONGLONG begun = awake();
  while (WaitForSingleObject(child_process(child), LOOK_EVERY) == WAIT_TIMEOUT) {
    if (awake() - begun >= milliseconds) return FALSE;
    service_makes_progress();
  }
  return TRUE;
}

static void end(struct life *life, struct child *child, DWORD within)
{
  ask_child_to_end(child, InterlockedCompareExchange(&life->stopping->restarting, 0, 0) ? "stop reboot\n" : NULL);
  if (!ends_within(child, within)) {
    wchar_t *text = format(L"the program was asked to end and did not within %lu ms: it is ended", within);
    log_event(WARNING, EVENT_HUNG, text);
    free(text);
  }
}

static void follow_trial(const struct heard *heard, struct run_so_far *run)
{
  run->ready = heard->ready;
  run->healthy = heard->healthy;
  run->connected = heard->connected;
  /* The time in which it could not connect through no fault of its own does not count. */
  if (heard->contact != OFFLINE) run->offline_counts_from = awake();
  run->says_offline = heard->contact == OFFLINE;
}

/* What happened; `settings` may be NULL. */
static DWORD wait_for_news(struct life *life, struct child *child, struct settings_watch *settings)
{
  HANDLE any[3 + SETTINGS_KEYS] = {life->stopping->asked, child_process(child), child_news(child)};
  BOOL look = life->swap.trial || !service_has_started() || (settings != NULL && settings_unsettled(settings));
  DWORD count = 3;
  if (settings != NULL) {
    memcpy(any + 3, settings_news(settings), SETTINGS_KEYS * sizeof *any);
    count += SETTINGS_KEYS;
  }
  DWORD what = WaitForMultipleObjects(count, any, FALSE, look ? LOOK_EVERY : INFINITE);
  if (settings == NULL) return what;
  if (what >= WAIT_OBJECT_0 + 3 && what < WAIT_OBJECT_0 + count) settings_stir(settings, what - WAIT_OBJECT_0 - 3);
  if (settings_changed(settings)) tell_child(child, "settings changed\n");
  return what;
}

static enum ending watch_with(struct life *life, struct child *child, struct settings_watch *settings)
{
  struct run_so_far run = {.started = awake(), .offline_counts_from = awake()};
  struct heard heard = {0};
  for (;;) {
    DWORD what = wait_for_news(life, child, settings);
    /* Until now it was as it said last, and from now on as it says next. */
    note_contact(life, &heard);
    hear_child(child, &heard);
    note_contact(life, &heard);
    if (heard.ready || awake() - life->begun >= life->parameters.ready_ms) service_is_running();
    else service_makes_progress();
    if (what == WAIT_OBJECT_0) {
      end(life, child, life->parameters.stop_ms);
      return STOPPED;
    }
    if (what == WAIT_OBJECT_0 + 1) return ENDED;
    if (what == WAIT_FAILED) {
      log_problem(EVENT_HOST_PROBLEM, L"WaitForMultipleObjects", GetLastError());
      return ENDED;
    }
    follow_trial(&heard, &run);
    enum verdict verdict = judge_trial(&life->swap, &run, awake(), life->parameters.trial_ms);
    if (verdict == PROVEN) {
      keep_version(&life->swap);
      save_swap(life->parameters.data, &life->swap);
      trial_event(INFO, EVENT_PROVEN, L"version %hs works", life->swap.current, "");
    } else if (verdict == FAILED) {
      /* With no way back it goes on as it is. */
      if (roll_back(life, run.ready ? L"cannot connect" : L"did not start in time") != ROLLED_BACK) continue;
      end(life, child, FAREWELL_OF_BAD);
      return ROLLED_BACK;
    }
  }
}

/* Until it ends or is ended. */
static enum ending watch(struct life *life, struct child *child)
{
  const wchar_t *name = life->parameters.settings;
  struct settings_watch *settings = name == NULL ? NULL : watch_settings(name);
  if (name != NULL && settings == NULL) log_problem(EVENT_HOST_PROBLEM, L"the settings cannot be watched", GetLastError());
  enum ending ending = watch_with(life, child, settings);
  if (settings != NULL) release_settings_watch(settings);
  return ending;
}

static enum ending crashed(struct life *life, DWORD code)
{
  wchar_t *text = format(L"the program ended unexpectedly with code %ld (0x%08lX)", (long)code, code);
  log_event(WARNING, EVENT_CRASHED, text);
  free(text);
  if (life->parameters.versions == NULL || !life->swap.trial) return ENDED;
  if (judge_crash(&life->swap) == FAILED) return roll_back(life, L"crashed again and again");
  save_swap(life->parameters.data, &life->swap);
  return ENDED;
}

/* One run of the program, from its choice to its end. */
static enum ending live_once(struct life *life)
{
  struct heard heard = {0};
  wchar_t *folder = choose_folder(life);
  if (folder == NULL) return ENDED;
  struct child *child = start_child(&life->parameters, folder);
  if (child == NULL) {
    log_problem(EVENT_CANNOT_START, folder, GetLastError());
    free(folder);
    return crashed(life, EXIT_NOT_STARTED);
  }
  free(folder);
  enum ending ending = watch(life, child);
  hear_child(child, &heard);
  note_contact(life, &heard);
  DWORD code = close_child(child);
  if (ending == ENDED) ending = heard.update[0] != 0 && code == 0 ? FOR_UPDATE : crashed(life, code);
  if (ending == FOR_UPDATE) allow_version(&life->swap, heard.update);
  if (life->has_state) save_swap(life->parameters.data, &life->swap);
  return ending;
}

/* Whether the service goes on after that long. */
static BOOL wait_for(struct life *life, DWORD milliseconds)
{
  /* An install never fails because a program does. */
  service_is_running();
  return WaitForSingleObject(life->stopping->asked, milliseconds) == WAIT_TIMEOUT;
}

/* How long to wait before the next run. */
static DWORD pause_after(struct life *life, ULONGLONG lasted)
{
  const struct parameters *given = &life->parameters;
  DWORD pause = life->backoff == 0 || lasted >= given->steady_ms ? given->backoff_first_ms : life->backoff;
  if (pause > given->backoff_last_ms) pause = given->backoff_last_ms;
  life->backoff = pause > MAXDWORD / 2 ? MAXDWORD : pause * 2;
  return pause;
}

/* FALSE: nothing may be read or written there, and that has been said. */
static BOOL has_data_folder(struct life *life)
{
  const struct parameters *given = &life->parameters;
  wchar_t *said = NULL;
  DWORD error = 0;
  if (life->data == NULL || wcscmp(life->data, given->data) != 0) error = ensure_data_folder(given->data, &said);
  if (error != 0) log_problem(EVENT_CANNOT_START, said == NULL ? given->data : said, error);
  else {
    log_to(given->data, life->service, given->log_bytes);
    if (said != NULL) log_event(FAILURE, EVENT_DATA_UNTRUSTED, said);
    /* Others can change nothing in it from now on. */
    free(life->data);
    life->data = format(L"%ls", given->data);
  }
  free(said);
  return error == 0;
}

static enum ending try_once(struct life *life)
{
  wchar_t *problem = NULL;
  DWORD error = read_parameters(life->service, &life->parameters, &problem);
  log_as(life->parameters.source);
  if (life->parameters.data != NULL && !has_data_folder(life)) {
    free(problem);
    return ENDED;
  }
  if (!life->announced) log_event(INFO, EVENT_STARTED, L"the service has started");
  life->announced = TRUE;
  if (error == 0) return live_once(life);
  log_problem(EVENT_CANNOT_START, problem, error);
  free(problem);
  return ENDED;
}

void supervise(const wchar_t *service, struct stopping *stopping)
{
  struct life life = {.service = service, .stopping = stopping, .begun = awake()};
  enum ending ending = ENDED;
  char updated_from[VERSION_MAX] = "";
  do {
    ULONGLONG started = awake();
    release_parameters(&life.parameters);
    ending = try_once(&life);
    /* At once, but for an update that changed nothing: that would go round and round. */
    BOOL at_once = ending == ROLLED_BACK || (ending == FOR_UPDATE && strcmp(updated_from, life.swap.current) != 0);
    if (ending == FOR_UPDATE) strcpy(updated_from, life.swap.current);
    if (ending != STOPPED && !wait_for(&life, at_once ? 0 : pause_after(&life, awake() - started))) ending = STOPPED;
  } while (ending != STOPPED);
  release_parameters(&life.parameters);
  free(life.data);
}
