#include "folder-rights.h"
#include "text.h"
#include <aclapi.h>
#include <sddl.h>

/* Read and execute, in the folder, its folders and its files. */
#define READERS L"(A;OICI;0x1200a9;;;%ls)"
#define OWNERS L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
#define WRITER L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FRFW;;;%ls)"

/* The caller frees it with LocalFree. NULL: GetLastError. */
static wchar_t *sid_of(HANDLE user)
{
  wchar_t *text = NULL;
  DWORD size = 0;
  GetTokenInformation(user, TokenUser, NULL, 0, &size);
  TOKEN_USER *who = memory(size);
  if (!GetTokenInformation(user, TokenUser, who, size, &size) || !ConvertSidToStringSidW(who->User.Sid, &text)) text = NULL;
  DWORD error = GetLastError();
  free(who);
  SetLastError(error);
  return text;
}

DWORD let_users_read(const wchar_t *folder, const struct session *sessions, size_t count)
{
  wchar_t *sddl = format(L"%ls", OWNERS);
  PSECURITY_DESCRIPTOR made = NULL;
  PACL dacl = NULL;
  BOOL present = FALSE, defaulted = FALSE;
  DWORD error = 0;
  for (size_t i = 0; i < count && error == 0; i++) {
    wchar_t *sid = sid_of(sessions[i].user);
    if (sid == NULL) {
      error = GetLastError();
      break;
    }
    wchar_t *longer = format(L"%ls" READERS, sddl, sid);
    LocalFree(sid);
    free(sddl);
    sddl = longer;
  }
  if (error == 0 && (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &made, NULL) ||
                     !GetSecurityDescriptorDacl(made, &present, &dacl, &defaulted)))
    error = GetLastError();
  if (error == 0) {
    wchar_t *path = format(L"%ls", folder);
    error = SetNamedSecurityInfoW(path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, NULL, NULL, dacl,
                                  NULL);
    free(path);
  }
  if (made != NULL) LocalFree(made);
  free(sddl);
  return error;
}

DWORD make_users_file(const wchar_t *path, const struct session *session)
{
  SECURITY_ATTRIBUTES rights = {sizeof rights, NULL, FALSE};
  wchar_t *sid = sid_of(session->user);
  if (sid == NULL) return GetLastError();
  wchar_t *sddl = format(WRITER, sid);
  LocalFree(sid);
  HANDLE file = INVALID_HANDLE_VALUE;
  /* Nothing that is there already is given away. */
  if (ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &rights.lpSecurityDescriptor, NULL))
    file = CreateFileW(path, GENERIC_WRITE, 0, &rights, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
  DWORD error = file == INVALID_HANDLE_VALUE ? GetLastError() : 0;
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  if (rights.lpSecurityDescriptor != NULL) LocalFree(rights.lpSecurityDescriptor);
  free(sddl);
  return error;
}
