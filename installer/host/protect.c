#include "protect.h"
#include "library.h"
#include "text.h"
#include <wincrypt.h>

#define EXIT_NOT_OURS 3
/* A credential is less than a kilobyte. */
#define INPUT_MAX (1024 * 1024)

typedef BOOL(WINAPI *crypt)(DATA_BLOB *, LPCWSTR, DATA_BLOB *, PVOID, CRYPTPROTECT_PROMPTSTRUCT *, DWORD, DATA_BLOB *);

static DWORD say(const wchar_t *what, DWORD error)
{
  wchar_t *why = error_text(error);
  fwprintf(stderr, L"kanade-host: %ls: %ls\n", what, why);
  free(why);
  return 1;
}

static DWORD read_all(char *to, DWORD *length)
{
  HANDLE in = GetStdHandle(STD_INPUT_HANDLE);
  *length = 0;
  for (;;) {
    DWORD read = 0;
    if (!ReadFile(in, to + *length, INPUT_MAX - *length, &read, NULL)) return GetLastError() == ERROR_BROKEN_PIPE ? 0 : GetLastError();
    if (read == 0) return *length == INPUT_MAX ? ERROR_FILE_TOO_LARGE : 0;
    *length += read;
  }
}

static BOOL write_all(const char *bytes, DWORD length)
{
  HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
  DWORD written = 0;
  for (; length > 0; bytes += written, length -= written)
    if (!WriteFile(out, bytes, length, &written, NULL) || written == 0) return FALSE;
  return TRUE;
}

/* Whether the bytes are to blame: anything else may pass, and must not be taken for a credential that is lost. */
static BOOL is_not_ours(DWORD error)
{
  static const DWORD blame[] = {ERROR_INVALID_DATA, ERROR_INVALID_PARAMETER, (DWORD)NTE_BAD_KEY_STATE, (DWORD)NTE_BAD_DATA,
                                (DWORD)NTE_BAD_KEY, (DWORD)NTE_BAD_HASH,     (DWORD)NTE_BAD_SIGNATURE, (DWORD)NTE_BAD_VER};
  for (size_t i = 0; i < sizeof blame / sizeof *blame; i++)
    if (blame[i] == error) return TRUE;
  return FALSE;
}

static DWORD convert(BOOL protect, DATA_BLOB *given, DATA_BLOB *made)
{
  crypt with;
  if (!LOAD_FUNCTION(with, L"crypt32.dll", protect ? "CryptProtectData" : "CryptUnprotectData")) return say(L"crypt32.dll", GetLastError());
  if (with(given, NULL, NULL, NULL, NULL, CRYPTPROTECT_UI_FORBIDDEN, made)) return 0;
  DWORD error = GetLastError();
  say(protect ? L"the data cannot be protected" : L"the data cannot be read", error);
  return !protect && is_not_ours(error) ? EXIT_NOT_OURS : 1;
}

static DWORD write_base64(const DATA_BLOB *made)
{
  BOOL(WINAPI * encode)(const BYTE *, DWORD, DWORD, LPSTR, DWORD *);
  DWORD length = 0;
  DWORD code = 0;
  if (!LOAD_FUNCTION(encode, L"crypt32.dll", "CryptBinaryToStringA")) return say(L"crypt32.dll", GetLastError());
  if (made->cbData == 0) return 0;
  if (!encode(made->pbData, made->cbData, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, NULL, &length)) return say(L"Base64", GetLastError());
  char *text = memory(length);
  if (!encode(made->pbData, made->cbData, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, text, &length)) code = say(L"Base64", GetLastError());
  else if (!write_all(text, length)) code = say(L"standard output", GetLastError());
  SecureZeroMemory(text, length);
  free(text);
  return code;
}

/* Standard input as bytes; the caller frees them. */
static DWORD read_base64(DATA_BLOB *given)
{
  BOOL(WINAPI * decode)(LPCSTR, DWORD, DWORD, BYTE *, DWORD *, DWORD *, DWORD *);
  DWORD length = 0;
  if (!LOAD_FUNCTION(decode, L"crypt32.dll", "CryptStringToBinaryA")) return say(L"crypt32.dll", GetLastError());
  char *text = memory(INPUT_MAX);
  DWORD error = read_all(text, &length);
  given->cbData = length;
  given->pbData = memory(length);
  if (error == 0 && length > 0 && !decode(text, length, CRYPT_STRING_BASE64, given->pbData, &given->cbData, NULL, NULL))
    error = GetLastError();
  SecureZeroMemory(text, INPUT_MAX);
  free(text);
  return error == 0 ? 0 : say(L"standard input is no Base64", error);
}

DWORD protect_mode(BOOL protect)
{
  DATA_BLOB given = {0}, made = {0};
  DWORD code = read_base64(&given);
  if (code == 0) code = convert(protect, &given, &made);
  if (code == 0) code = write_base64(&made);
  if (given.pbData != NULL) {
    SecureZeroMemory(given.pbData, given.cbData);
    free(given.pbData);
  }
  if (made.pbData != NULL) {
    SecureZeroMemory(made.pbData, made.cbData);
    LocalFree(made.pbData);
  }
  return code;
}
