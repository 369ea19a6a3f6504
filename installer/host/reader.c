#include "reader.h"
#include "launch.h"

/* Milliseconds for what was said last to be read. */
#define READ_WITHIN 2000

void end_reader(HANDLE *thread, HANDLE *pipe)
{
  if (*thread != NULL && WaitForSingleObject(*thread, READ_WITHIN) == WAIT_TIMEOUT) {
    do CancelSynchronousIo(*thread);
    while (WaitForSingleObject(*thread, 50) == WAIT_TIMEOUT);
  }
  close_handle(thread);
  close_handle(pipe);
}
