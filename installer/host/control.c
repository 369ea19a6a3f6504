#include "control.h"
#include "launch.h"

/* Only what the next line may be: more than the longest one is none of ours. */
#define LINE_MAX_BYTES 16

static void obey(const struct control *control, const char *line)
{
  if (strcmp(line, "end") == 0) SetEvent(control->end);
  if (strcmp(line, "kill") == 0) SetEvent(control->kill);
}

static DWORD WINAPI listen(void *given)
{
  const struct control *control = given;
  HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
  char line[LINE_MAX_BYTES + 1];
  char byte;
  size_t length = 0;
  DWORD read;
  while (ReadFile(in, &byte, 1, &read, NULL) && read == 1) {
    if (byte == '\r') continue;
    if (byte != '\n') {
      if (length <= LINE_MAX_BYTES) line[length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES] = byte, length++;
      continue;
    }
    line[length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES] = 0;
    obey(control, line);
    length = 0;
  }
  SetEvent(control->kill);
  return 0;
}

BOOL listen_to_control(struct control *control)
{
  control->end = CreateEventW(NULL, FALSE, FALSE, NULL);
  control->kill = CreateEventW(NULL, TRUE, FALSE, NULL);
  HANDLE thread = control->end == NULL || control->kill == NULL ? NULL : CreateThread(NULL, 0, listen, control, 0, NULL);
  if (thread == NULL) {
    DWORD error = GetLastError();
    close_handle(&control->end);
    close_handle(&control->kill);
    SetLastError(error);
    return FALSE;
  }
  /* It ends with the process. */
  CloseHandle(thread);
  return TRUE;
}
