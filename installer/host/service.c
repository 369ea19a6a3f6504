#include "service.h"
#include "log.h"
#include "supervise.h"
#include "text.h"

/* Milliseconds: how long the system waits for the next sign of progress, and for an end before it goes down. */
#define WAIT_HINT 15000
#define PRESHUTDOWN_WITHIN 60000

static SERVICE_STATUS_HANDLE told;
static SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS};
static SRWLOCK lock = SRWLOCK_INIT;
static struct stopping stopping;

static void tell(DWORD state)
{
  AcquireSRWLockExclusive(&lock);
  /* Once it stops there is one way only. */
  if (status.dwCurrentState != SERVICE_STOP_PENDING || state == SERVICE_STOP_PENDING || state == SERVICE_STOPPED) {
    BOOL pending = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
    status.dwCheckPoint = !pending ? 0 : state == status.dwCurrentState ? status.dwCheckPoint + 1 : 1;
    status.dwWaitHint = pending ? WAIT_HINT : 0;
    status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN : 0;
    status.dwCurrentState = state;
    SetServiceStatus(told, &status);
  }
  ReleaseSRWLockExclusive(&lock);
}

static DWORD current(void)
{
  AcquireSRWLockShared(&lock);
  DWORD state = status.dwCurrentState;
  ReleaseSRWLockShared(&lock);
  return state;
}

void service_is_running(void)
{
  if (!service_has_started()) tell(SERVICE_RUNNING);
}

BOOL service_has_started(void) { return current() != SERVICE_START_PENDING; }

void service_makes_progress(void)
{
  DWORD state = current();
  if (state != SERVICE_RUNNING) tell(state);
}

static DWORD WINAPI control(DWORD code, DWORD event, void *data, void *context)
{
  (void)event;
  (void)data;
  (void)context;
  switch (code) {
    case SERVICE_CONTROL_PRESHUTDOWN:
      InterlockedExchange(&stopping.restarting, TRUE);
      /* fall through */
    case SERVICE_CONTROL_STOP:
      tell(SERVICE_STOP_PENDING);
      SetEvent(stopping.asked);
      return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE:
      return NO_ERROR;
    default:
      return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

/* What the system does when this program itself is gone; an installer's own table for it would count from the next boot only. */
static BOOL set_recovery(SC_HANDLE service)
{
  SC_ACTION actions[] = {{SC_ACTION_RESTART, 5000}, {SC_ACTION_RESTART, 30000}, {SC_ACTION_RESTART, 60000}};
  SERVICE_FAILURE_ACTIONSW failures = {.dwResetPeriod = 86400, .cActions = 3, .lpsaActions = actions};
  SERVICE_FAILURE_ACTIONS_FLAG also_errors = {TRUE};
  SERVICE_PRESHUTDOWN_INFO before = {PRESHUTDOWN_WITHIN};
  return ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failures) &&
         ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also_errors) &&
         ChangeServiceConfig2W(service, SERVICE_CONFIG_PRESHUTDOWN_INFO, &before);
}

static void configure(const wchar_t *name)
{
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  /* The right to start it belongs to an action that does. */
  SC_HANDLE service = manager == NULL ? NULL : OpenServiceW(manager, name, SERVICE_CHANGE_CONFIG | SERVICE_START);
  if (service == NULL || !set_recovery(service)) log_problem(EVENT_HOST_PROBLEM, L"the recovery of the service cannot be set", GetLastError());
  if (service != NULL) CloseServiceHandle(service);
  if (manager != NULL) CloseServiceHandle(manager);
}

static void WINAPI service_main(DWORD count, wchar_t **arguments)
{
  if (count == 0) return;
  const wchar_t *name = arguments[0];
  told = RegisterServiceCtrlHandlerExW(name, control, NULL);
  if (told == NULL) return;
  tell(SERVICE_START_PENDING);
  stopping.asked = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (stopping.asked == NULL) {
    status.dwWin32ExitCode = GetLastError();
    tell(SERVICE_STOPPED);
    return;
  }
  configure(name);
  supervise(name, &stopping);
  log_event(INFO, EVENT_STOPPED, stopping.restarting ? L"the service has stopped, for the machine goes down" : L"the service has stopped");
  tell(SERVICE_STOPPED);
  /* At once, and not when the dispatcher has noticed: whoever waited for the stop may want to replace this program. */
  ExitProcess(0);
}

DWORD service_mode(void)
{
  /* A process of one service: the system passes its name, and ignores this one. */
  wchar_t name[] = L"";
  const SERVICE_TABLE_ENTRYW services[] = {{name, service_main}, {NULL, NULL}};
  if (StartServiceCtrlDispatcherW(services)) return 0;
  DWORD error = GetLastError();
  wchar_t *why = error_text(error);
  fwprintf(stderr, L"kanade-host service is for the service control manager to start: %ls\n", why);
  free(why);
  return error;
}
