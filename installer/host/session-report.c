#include "session-report.h"
#include "reader.h"
#include "report.h"

static void take_line(struct session_report *report)
{
  size_t told = report_of(report->session, report->line, report->length, SESSION_REPORT_MAX - report->told);
  report->told += told;
  report->length = 0;
}

static DWORD WINAPI read_report(void *given)
{
  struct session_report *report = given;
  char bytes[1024];
  DWORD count;
  while (ReadFile(report->pipe, bytes, sizeof bytes, &count, NULL)) {
    for (DWORD i = 0; i < count; i++) {
      if (bytes[i] == '\n') take_line(report);
      /* The rest of a line that is too long for any of ours is lost. */
      else if (report->length < SESSION_LINE_MAX) report->line[report->length++] = bytes[i];
    }
  }
  return 0;
}

BOOL begin_session_report(struct session_report *report)
{
  report->thread = CreateThread(NULL, 0, read_report, report, 0, NULL);
  return report->thread != NULL;
}

void end_session_report(struct session_report *report) { end_reader(&report->thread, &report->pipe); }
