#include "parameters.h"
#include "text.h"

static DWORD read_text(HKEY key, const wchar_t *name, wchar_t **made)
{
  DWORD size = 0;
  LSTATUS error = RegGetValueW(key, NULL, name, RRF_RT_REG_SZ, NULL, NULL, &size);
  /* Somebody may write it between the two calls. */
  for (int i = 0; error == ERROR_SUCCESS && i < 8; i++) {
    *made = memory(size);
    error = RegGetValueW(key, NULL, name, RRF_RT_REG_SZ, NULL, *made, &size);
    if (error == ERROR_SUCCESS) return 0;
    free(*made);
    *made = NULL;
    if (error == ERROR_MORE_DATA) error = ERROR_SUCCESS;
  }
  return (DWORD)(error == ERROR_SUCCESS ? ERROR_MORE_DATA : error);
}

/* Stays as it is when there is no such value. */
static void read_number(HKEY key, const wchar_t *name, DWORD *number)
{
  DWORD value = 0, size = sizeof value;
  if (RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, &value, &size) == ERROR_SUCCESS) *number = value;
}

static BOOL is_absolute(const wchar_t *path)
{
  return ((path[0] | 32) >= L'a' && (path[0] | 32) <= L'z') && path[1] == L':' && path[2] == L'\\';
}

/* A file of the folder, not a way out of it. */
static BOOL is_file_name(const wchar_t *name) { return name[0] != 0 && wcspbrk(name, L"\\/:\"*?<>|") == NULL && wcscmp(name, L"..") != 0; }

struct rule {
  const wchar_t *name;
  wchar_t **value;
  BOOL needed, absolute, file;
};

static DWORD read_texts(HKEY key, struct parameters *made, wchar_t **problem)
{
  /* The first is where anything that is wrong with the others is written down. */
  const struct rule rules[] = {{L"Data", &made->data, TRUE, TRUE, FALSE},           {L"Versions", &made->versions, FALSE, TRUE, FALSE},
                               {L"Folder", &made->folder, FALSE, TRUE, FALSE},      {L"Program", &made->program, TRUE, FALSE, TRUE},
                               {L"Script", &made->script, FALSE, FALSE, TRUE},      {L"Arguments", &made->arguments, FALSE, FALSE, FALSE},
                               {L"Settings", &made->settings, FALSE, FALSE, FALSE},   {L"Source", &made->source, FALSE, FALSE, FALSE}};
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    const struct rule *rule = &rules[i];
    DWORD error = read_text(key, rule->name, rule->value);
    if (error == ERROR_FILE_NOT_FOUND && !rule->needed) continue;
    if (error == 0 && rule->absolute && !is_absolute(*rule->value)) {
      error = ERROR_BAD_PATHNAME;
      free(*rule->value);
      *rule->value = NULL;
    }
    if (error == 0 && rule->file && !is_file_name(*rule->value)) error = ERROR_INVALID_NAME;
    if (error == 0) continue;
    *problem = format(L"%ls", rule->name);
    return error;
  }
  if ((made->versions == NULL) != (made->folder == NULL)) return 0;
  *problem = format(L"either Versions or Folder");
  return ERROR_INVALID_PARAMETER;
}

DWORD read_parameters(const wchar_t *service, struct parameters *made, wchar_t **problem)
{
  HKEY key;
  wchar_t *path = format(L"SYSTEM\\CurrentControlSet\\Services\\%ls\\Parameters", service);
  *made = (struct parameters){.ready_ms = 10000,
                              .stop_ms = 25000,
                              .backoff_first_ms = 1000,
                              .backoff_last_ms = 300000,
                              .steady_ms = 600000,
                              .trial_ms = 60000,
                              .log_bytes = 4 * 1024 * 1024};
  *problem = NULL;
  DWORD error = (DWORD)RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE | KEY_WOW64_64KEY, &key);
  if (error != ERROR_SUCCESS) {
    *problem = path;
    return error;
  }
  free(path);
  read_number(key, L"ReadyMs", &made->ready_ms);
  read_number(key, L"StopMs", &made->stop_ms);
  read_number(key, L"BackoffFirstMs", &made->backoff_first_ms);
  read_number(key, L"BackoffLastMs", &made->backoff_last_ms);
  read_number(key, L"SteadyMs", &made->steady_ms);
  read_number(key, L"TrialMs", &made->trial_ms);
  read_number(key, L"LogBytes", &made->log_bytes);
  error = read_texts(key, made, problem);
  RegCloseKey(key);
  return error;
}

void release_parameters(struct parameters *parameters)
{
  free(parameters->versions);
  free(parameters->folder);
  free(parameters->program);
  free(parameters->script);
  free(parameters->arguments);
  free(parameters->settings);
  free(parameters->data);
  free(parameters->source);
  memset(parameters, 0, sizeof *parameters);
}
