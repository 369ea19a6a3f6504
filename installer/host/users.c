/*
 * In each user's session this program is started once more, as that user and without `--user`: a job holds processes of one
 * session only. What is asked of this one is passed on, and the end of its pipe ends those as well.
 */
#include "users.h"
#include "control.h"
#include "environment.h"
#include "folder-rights.h"
#include "launch.h"
#include "report.h"
#include "session-report.h"
#include "sessions.h"
#include "text.h"

/* Milliseconds for those in the sessions to end what they run; ending them ends it too. */
#define KILL_WITHIN 5000

/* WaitForMultipleObjects waits for 64 at most, and two are the agent's. */
#define SESSIONS_MAX 60

struct part {
  HANDLE process;
  HANDLE control;
  struct session_report report;
};

static void fail(const struct session *session, const wchar_t *code, const wchar_t *what)
{
  DWORD error = GetLastError();
  wchar_t *why = error_text(error);
  report(L"session %lu failed %ls %ls: %ls", session->id, code, what, why);
  free(why);
}

/* Where this session's script says how it ended, as a variable for it; made for its user alone. NULL: GetLastError. */
static wchar_t *result_file(const struct run_options *options, const struct session *session)
{
  wchar_t *made = format(L"KANADE_RESULT_FILE=%ls\\result-%lu.json", options->folder, session->id);
  DWORD error = make_users_file(wcschr(made, L'=') + 1, session);
  if (error == 0) return made;
  free(made);
  SetLastError(error);
  return NULL;
}

static BOOL start(const struct run_options *options, const struct session *session, struct part *part)
{
  struct launch what = {0};
  *part = (struct part){.report = {.session = session->id}};
  BOOL piped = pipe_to_child(&part->control, &what.in, TRUE) && pipe_to_child(&part->report.pipe, &what.extra, FALSE);
  wchar_t *own = own_path();
  wchar_t *line = format(L"\"%ls\" run --report %llu -- %ls", own, (unsigned long long)(uintptr_t)what.extra, options->script);
  wchar_t *result = options->folder == NULL ? NULL : result_file(options, session);
  DWORD pid = 0;
  what.program = own;
  what.command_line = line;
  what.user = session->user;
  what.flags = CREATE_NO_WINDOW;
  if (result != NULL || options->folder == NULL)
    what.environment = environment_of(session->user, options->keep, options->keep_count, result);
  what.out = inheritable(GetStdHandle(STD_OUTPUT_HANDLE));
  what.err = inheritable(GetStdHandle(STD_ERROR_HANDLE));
  BOOL done = piped && what.environment != NULL && what.out != NULL && what.err != NULL &&
              begin_session_report(&part->report) && launch(&what, &part->process, &pid);
  if (!done) fail(session, L"spawn_failed", options->program);
  close_handle(&what.in);
  close_handle(&what.extra);
  close_handle(&what.out);
  close_handle(&what.err);
  if (!done) {
    end_session_report(&part->report);
    close_handle(&part->control);
  }
  free(what.environment);
  free(result);
  free(line);
  free(own);
  return done;
}

static void pass_on(struct part *parts, size_t count, const char *line)
{
  DWORD written;
  /* One that has ended hears nothing, and needs not. */
  for (size_t i = 0; i < count; i++) WriteFile(parts[i].control, line, (DWORD)strlen(line), &written, NULL);
}

static void kill_all(struct part *parts, const HANDLE *processes, size_t count)
{
  for (size_t i = 0; i < count; i++) close_handle(&parts[i].control);
  if (WaitForMultipleObjects((DWORD)count, processes, TRUE, KILL_WITHIN) != WAIT_TIMEOUT) return;
  for (size_t i = 0; i < count; i++) TerminateProcess(processes[i], ERROR_PROCESS_ABORTED);
  WaitForMultipleObjects((DWORD)count, processes, TRUE, INFINITE);
}

static void wait_for(struct part *parts, size_t count, const struct control *control)
{
  HANDLE processes[SESSIONS_MAX], any[SESSIONS_MAX + 2];
  size_t waiting = 0;
  for (size_t i = 0; i < count; i++) processes[i] = parts[i].process;
  do {
    any[0] = control->kill;
    any[1] = control->end;
    waiting = 0;
    for (size_t i = 0; i < count; i++)
      if (WaitForSingleObject(processes[i], 0) == WAIT_TIMEOUT) any[2 + waiting++] = processes[i];
    if (waiting == 0) return;
    switch (WaitForMultipleObjects((DWORD)waiting + 2, any, FALSE, INFINITE)) {
      case WAIT_OBJECT_0:
      case WAIT_FAILED:
        kill_all(parts, processes, count);
        return;
      case WAIT_OBJECT_0 + 1:
        pass_on(parts, count, "end\n");
    }
  } while (waiting > 0);
}

/* In that order: the first that did not end with 0 tells. */
static DWORD first_failure(const struct part *parts, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    DWORD code = EXIT_NOT_STARTED;
    if (!GetExitCodeProcess(parts[i].process, &code) || code != 0) return code;
  }
  return count == 0 ? EXIT_NOT_STARTED : 0;
}

static DWORD run_in(const struct run_options *options, const struct session *sessions, size_t count)
{
  struct part parts[SESSIONS_MAX] = {0};
  struct control control;
  size_t started = 0;
  BOOL all = TRUE;
  DWORD error = options->folder == NULL ? 0 : let_users_read(options->folder, sessions, count);
  if (error != 0) {
    report_failure(L"folder_rights", options->folder, error);
    return EXIT_NOT_STARTED;
  }
  if (!listen_to_control(&control)) {
    report_failure(L"spawn_failed", L"pipes", GetLastError());
    return EXIT_NOT_STARTED;
  }
  for (size_t i = 0; i < count; i++) {
    if (start(options, &sessions[i], &parts[started])) started++;
    else all = FALSE;
  }
  wait_for(parts, started, &control);
  DWORD code = first_failure(parts, started);
  for (size_t i = 0; i < started; i++) {
    end_session_report(&parts[i].report);
    close_handle(&parts[i].process);
    close_handle(&parts[i].control);
  }
  return code == 0 && !all ? EXIT_NOT_STARTED : code;
}

DWORD run_as_users(const struct run_options *options)
{
  struct session *sessions;
  size_t count, used;
  DWORD code = 0;
  if (!active_sessions(&sessions, &count)) {
    report_failure(L"sessions_unknown", L"the sessions of this PC", GetLastError());
    return EXIT_NOT_STARTED;
  }
  used = wcscmp(options->user, L"first") == 0 && count > 1 ? 1 : count;
  if (used > SESSIONS_MAX) used = SESSIONS_MAX;
  if (used == 0) report(L"skipped no_user_session");
  else code = run_in(options, sessions, used);
  for (size_t i = 0; i < count; i++) CloseHandle(sessions[i].user);
  free(sessions);
  return code;
}
