#include <windows.h>

/* Programs of Go want this library for their randomness, and wine 8 has none. Windows has: this is for wine alone. */
BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
  return SystemFunction036(bytes, (ULONG)length);
}
