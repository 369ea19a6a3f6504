#include "trust.h"
#include <stddef.h>

/* Of a list of rights: the plain entries. Of the others (for objects, with conditions) nothing is known here. */
#define ALLOWS 0
#define DENIES 1
/* To read and to execute, as files have it and as any object does. */
#define HARMLESS (0x001200A9u | 0x80000000u | 0x20000000u)

int entry_opens(unsigned type, unsigned rights, int theirs)
{
  if (!theirs || type == DENIES) return 0;
  return type != ALLOWS || (rights & ~HARMLESS) != 0;
}

const char *doubt_about_part(const struct found *found)
{
  if (!found->there) return NULL;
  if (found->hidden) return "cannot be looked at";
  if (found->link) return "is a link";
  return found->ours ? NULL : "belongs to somebody else than SYSTEM or Administrators";
}

const char *doubt_about_folder(const struct found *found)
{
  const char *doubt = doubt_about_part(found);
  if (!found->there || doubt != NULL) return doubt;
  if (!found->folder) return "is no folder";
  /* A folder of an administrator's that users may write in can be made to lie here by one of them, with what he has put in it. */
  return found->open ? "can be written in by others than SYSTEM and Administrators" : NULL;
}
