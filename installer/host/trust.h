#pragma once

/* Whether what lies where the data of a service belong is to be believed. Decisions only: no Windows in here. */

/* What was found under a name. */
struct found {
  int there;
  int hidden; /* it cannot be looked at: the system is kept out of nothing that is its own */
  int link;
  int folder;
  int ours; /* it belongs to the system, to the administrators or to this account, which no user can bring about */
  int open; /* somebody else may do more than read */
};

/* One entry of a list of rights. `theirs`: of somebody else than those three. */
int entry_opens(unsigned type, unsigned rights, int theirs);

/* Why the folder is not believed, in words; NULL: it is, or nothing is there. */
const char *doubt_about_folder(const struct found *found);

/* The same for what lies in a folder that is believed. */
const char *doubt_about_part(const struct found *found);
