#pragma once
#include "swap.h"

/*
 * The state of the swap as text: a name and its value a line. One text has one reading: whatever is not exactly as
 * `write_swap` makes it is refused as a whole. No Windows in here.
 */

/* Room enough for any state. */
#define SWAP_TEXT_MAX 2048

/* The length without the final zero. */
int write_swap(const struct swap *swap, char text[SWAP_TEXT_MAX]);

/* 0: it is not readable; `swap` is empty then. */
int read_swap(const char *text, struct swap *swap);
