#include "data-folder.h"
#include "folders.h"
#include "text.h"
#include "trust.h"
#include <aclapi.h>
#include <sddl.h>

/* Somebody may be about to make it, too. */
#define TRIES 5

/* The owner of an object stands for himself in its rights. */
static const wchar_t *const OURS[] = {L"S-1-5-18", L"S-1-5-32-544", L"S-1-3-0", L"S-1-3-4"};

static BOOL is_own_account(PSID sid)
{
  HANDLE token;
  DWORD size = 0;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return FALSE;
  GetTokenInformation(token, TokenUser, NULL, 0, &size);
  TOKEN_USER *who = memory(size);
  BOOL own = GetTokenInformation(token, TokenUser, who, size, &size) && EqualSid(sid, who->User.Sid);
  free(who);
  CloseHandle(token);
  return own;
}

static BOOL is_ours(PSID sid)
{
  wchar_t *text;
  BOOL ours = FALSE;
  if (sid == NULL || !ConvertSidToStringSidW(sid, &text)) return FALSE;
  for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++) ours = ours || wcscmp(text, OURS[i]) == 0;
  LocalFree(text);
  return ours || is_own_account(sid);
}

/* No list at all lets everybody do everything. */
static BOOL is_open(PACL list)
{
  for (DWORD i = 0; list != NULL && i < list->AceCount; i++) {
    ACCESS_ALLOWED_ACE *entry;
    if (!GetAce(list, i, (void **)&entry)) return TRUE;
    BOOL plain = entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE || entry->Header.AceType == ACCESS_DENIED_ACE_TYPE;
    if (entry_opens(entry->Header.AceType, entry->Mask, !plain || !is_ours(&entry->SidStart))) return TRUE;
  }
  return list == NULL;
}

static void read_rights(HANDLE object, struct found *found)
{
  PSID owner = NULL;
  PACL list = NULL;
  PSECURITY_DESCRIPTOR read = NULL;
  if (GetSecurityInfo(object, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner, NULL, &list, NULL, &read) != 0) {
    found->hidden = TRUE;
    return;
  }
  found->ours = is_ours(owner);
  found->open = is_open(list);
  LocalFree(read);
}

/* The object of that name itself, and not what a link leads to. */
static struct found look_at(const wchar_t *path)
{
  struct found found = {0};
  BY_HANDLE_FILE_INFORMATION about;
  DWORD attributes = GetFileAttributesW(path);
  if (attributes == INVALID_FILE_ATTRIBUTES && (GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND)) return found;
  found.there = TRUE;
  HANDLE object = CreateFileW(path, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, NULL);
  if (object == INVALID_HANDLE_VALUE || attributes == INVALID_FILE_ATTRIBUTES || !GetFileInformationByHandle(object, &about)) {
    found.hidden = TRUE;
  } else {
    found.link = ((attributes | about.dwFileAttributes) & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    found.folder = (about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    read_rights(object, &found);
  }
  if (object != INVALID_HANDLE_VALUE) CloseHandle(object);
  return found;
}

/* Of the folder, and with `parts` of what is known to lie in it. The caller frees it; NULL: none. */
static wchar_t *doubt_about(const wchar_t *path, const struct found *found, BOOL parts)
{
  static const wchar_t *const names[] = {L"settings.json", L"agent", L"host", L"host\\log"};
  const char *why = doubt_about_folder(found);
  if (why != NULL) return format(L"%ls %hs", path, why);
  for (size_t i = 0; parts && i < sizeof names / sizeof *names; i++) {
    wchar_t *name = format(L"%ls\\%ls", path, names[i]);
    struct found part = look_at(name);
    why = doubt_about_part(&part);
    wchar_t *doubt = why == NULL ? NULL : format(L"%ls %hs", name, why);
    free(name);
    if (doubt != NULL) return doubt;
  }
  return NULL;
}

static DWORD set_aside(const wchar_t *path, const wchar_t *doubt, wchar_t **said)
{
  SYSTEMTIME at;
  GetSystemTime(&at);
  wchar_t *aside = format(L"%ls.untrusted-%04u%02u%02uT%02u%02u%02uZ", path, at.wYear, at.wMonth, at.wDay, at.wHour, at.wMinute, at.wSecond);
  DWORD error = MoveFileExW(path, aside, 0) ? 0 : GetLastError();
  free(*said);
  *said = error == 0 ? format(L"%ls: the folder is now %ls, and nothing in it counts", doubt, aside)
                     : format(L"%ls, and it cannot be moved away", doubt);
  free(aside);
  return error;
}

static DWORD ensure_ours(const wchar_t *path, BOOL parts, wchar_t **said)
{
  for (int i = 0; i < TRIES; i++) {
    struct found found = look_at(path);
    if (!found.there) {
      DWORD error = make_folder(path);
      if (error != ERROR_ALREADY_EXISTS) return error;
      continue;
    }
    wchar_t *doubt = doubt_about(path, &found, parts);
    if (doubt == NULL) return 0;
    DWORD error = set_aside(path, doubt, said);
    free(doubt);
    if (error != 0) return error;
  }
  return ERROR_ALREADY_EXISTS;
}

static DWORD ensure_above(const wchar_t *path)
{
  DWORD error = make_folder(path);
  return error == ERROR_ALREADY_EXISTS ? 0 : error;
}

/* How much of the path is not ours to judge: ProgramData, or where else whoever wrote down the folder wants it. */
static size_t given_length(const wchar_t *data)
{
  wchar_t common[MAX_PATH];
  DWORD length = GetEnvironmentVariableW(L"ProgramData", common, MAX_PATH);
  if (length > 0 && length < MAX_PATH && _wcsnicmp(data, common, length) == 0 && data[length] == L'\\') return length;
  return (size_t)(wcsrchr(data, L'\\') - data);
}

DWORD ensure_data_folder(const wchar_t *data, wchar_t **said)
{
  DWORD error = 0;
  wchar_t *part = format(L"%ls", data);
  size_t given = given_length(data);
  *said = NULL;
  /* Behind the drive: each backslash ends the name of a folder above. */
  for (wchar_t *end = wcschr(part, L'\\'); error == 0 && end != NULL; *end = L'\\') {
    end = wcschr(end + 1, L'\\');
    if (end == NULL) break;
    *end = 0;
    error = wcslen(part) > given ? ensure_ours(part, FALSE, said) : ensure_above(part);
  }
  if (error == 0) error = ensure_ours(part, TRUE, said);
  free(part);
  return error;
}
