#pragma once
#include "windows-api.h"
#include "parameters.h"
#include "swap.h"

/* The versions below the folder that are whole: named as one, with a list of their files, the program and the script. */
struct versions list_versions(const struct parameters *parameters);
void release_versions(struct versions *versions);

/* <data>\host\state.txt; empty when there is none yet, or none that can be read. */
void load_swap(const wchar_t *data, struct swap *swap);

/* FALSE: it could not be written, which has been said. */
BOOL save_swap(const wchar_t *data, const struct swap *swap);
