/* The program that a service runs: its pipes, its job, and what it says. */
#include "child.h"
#include "environment.h"
#include "job.h"
#include "launch.h"
#include "log.h"
#include "reader.h"
#include "text.h"

/* Milliseconds until what was ended must have let go of its files. */
#define EMPTY_WITHIN 10000
#define LINE_MAX_BYTES 8192

struct stream {
  struct child *child;
  const char *name;
  BOOL has_messages;
  HANDLE pipe, thread;
  size_t length;
  BOOL continued; /* the line began before this piece of it */
  char line[LINE_MAX_BYTES + 1];
};

struct child {
  HANDLE process, job, in, news;
  SRWLOCK lock;
  struct heard heard;
  struct stream out, err;
};

static void hear(struct child *child, const struct message *said)
{
  struct heard *heard = &child->heard;
  AcquireSRWLockExclusive(&child->lock);
  heard->ready = heard->ready || said->kind == READY;
  heard->connected = heard->connected || said->kind == CONNECTED;
  heard->healthy = heard->healthy || said->kind == CONNECTED || said->kind == OFFLINE;
  if (said->kind == CONNECTED || said->kind == OFFLINE || said->kind == UNPROVEN) heard->contact = said->kind;
  if (said->kind == UPDATE) strcpy(heard->update, said->version);
  ReleaseSRWLockExclusive(&child->lock);
  SetEvent(child->news);
}

static void take_line(struct stream *stream)
{
  struct message said = {.kind = NO_MESSAGE};
  if (stream->length > 0 && stream->line[stream->length - 1] == '\r') stream->length--;
  stream->line[stream->length] = 0;
  /* A zero within would hide what follows it. */
  if (stream->has_messages && !stream->continued && strlen(stream->line) == stream->length) said = parse_message(stream->line);
  if (said.kind == EVENT) {
    wchar_t *text = to_wide(said.text);
    log_event(said.level, said.event, text);
    free(text);
  } else {
    if (stream->length > 0 || !stream->continued) log_bytes(stream->name, stream->line, stream->length);
    if (said.kind != NO_MESSAGE && said.kind != BAD_MESSAGE) hear(stream->child, &said);
  }
  stream->length = 0;
  stream->continued = FALSE;
}

static DWORD WINAPI read_stream(void *given)
{
  struct stream *stream = given;
  char bytes[4096];
  DWORD count;
  while (ReadFile(stream->pipe, bytes, sizeof bytes, &count, NULL)) {
    for (DWORD i = 0; i < count; i++) {
      if (bytes[i] == '\n') {
        take_line(stream);
        continue;
      }
      stream->line[stream->length++] = bytes[i];
      if (stream->length < LINE_MAX_BYTES) continue;
      take_line(stream);
      stream->continued = TRUE;
    }
  }
  if (stream->length > 0) take_line(stream);
  return 0;
}

static BOOL listen(struct child *child, struct stream *stream, const char *name, BOOL has_messages)
{
  stream->child = child;
  stream->name = name;
  stream->has_messages = has_messages;
  stream->thread = CreateThread(NULL, 0, read_stream, stream, 0, NULL);
  return stream->thread != NULL;
}

static wchar_t *command_line(const struct parameters *parameters, const wchar_t *folder, const wchar_t *program)
{
  const wchar_t *rest = parameters->arguments == NULL ? L"" : parameters->arguments;
  return parameters->script == NULL ? format(L"\"%ls\" %ls", program, rest)
                                    : format(L"\"%ls\" \"%ls\\%ls\" %ls", program, folder, parameters->script, rest);
}

static BOOL start(struct child *child, const struct parameters *parameters, const wchar_t *folder)
{
  struct launch what = {0};
  DWORD pid = 0;
  wchar_t *program = format(L"%ls\\%ls", folder, parameters->program);
  wchar_t *line = command_line(parameters, folder, program);
  what.program = program;
  what.command_line = line;
  what.folder = folder;
  what.flags = CREATE_NO_WINDOW;
  /* Scripts leave this job for one of their own, and may outlive the program. */
  what.job = child->job = new_job(JOB_OBJECT_LIMIT_BREAKAWAY_OK | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION);
  child->news = CreateEventW(NULL, FALSE, FALSE, NULL);
  what.environment = environment_for_node();
  BOOL done = child->job != NULL && child->news != NULL && what.environment != NULL && pipe_to_child(&child->in, &what.in, TRUE) &&
              pipe_to_child(&child->out.pipe, &what.out, FALSE) && pipe_to_child(&child->err.pipe, &what.err, FALSE) &&
              launch(&what, &child->process, &pid);
  DWORD error = GetLastError();
  close_handle(&what.in);
  close_handle(&what.out);
  close_handle(&what.err);
  if (done) log_line(L"started %ls as process %lu", line, pid);
  free(what.environment);
  free(line);
  free(program);
  SetLastError(error);
  return done;
}

struct child *start_child(const struct parameters *parameters, const wchar_t *folder)
{
  struct child *child = memory(sizeof *child);
  InitializeSRWLock(&child->lock);
  if (start(child, parameters, folder) && listen(child, &child->out, "out", TRUE) && listen(child, &child->err, "err", FALSE)) return child;
  DWORD error = GetLastError();
  close_child(child);
  SetLastError(error);
  return NULL;
}

HANDLE child_process(const struct child *child) { return child->process; }
HANDLE child_news(const struct child *child) { return child->news; }

void hear_child(struct child *child, struct heard *heard)
{
  AcquireSRWLockExclusive(&child->lock);
  *heard = child->heard;
  ReleaseSRWLockExclusive(&child->lock);
}

/* It fits into the pipe's buffer, so that nobody has to read it for this to return: what is said is short, and seldom. */
void tell_child(struct child *child, const char *line)
{
  DWORD written;
  WriteFile(child->in, line, (DWORD)strlen(line), &written, NULL);
}

void ask_child_to_end(struct child *child, const char *reason)
{
  if (reason != NULL) tell_child(child, reason);
  close_handle(&child->in);
}

DWORD close_child(struct child *child)
{
  DWORD code = STILL_ACTIVE;
  if (child->job != NULL) {
    if (!TerminateJobObject(child->job, ERROR_PROCESS_ABORTED)) log_problem(EVENT_HOST_PROBLEM, L"TerminateJobObject", GetLastError());
    if (!job_is_empty_within(child->job, EMPTY_WITHIN)) log_line(L"processes of the job have not ended after %d ms", EMPTY_WITHIN);
  }
  if (child->process != NULL) GetExitCodeProcess(child->process, &code);
  end_reader(&child->out.thread, &child->out.pipe);
  end_reader(&child->err.thread, &child->err.pipe);
  close_handle(&child->process);
  close_handle(&child->job);
  close_handle(&child->in);
  close_handle(&child->news);
  free(child);
  return code;
}
