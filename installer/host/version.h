#pragma once
#include "message.h"

/* Three numbers with dots and nothing else, as an MSI has them: `1.2.3`, each below 65536, no leading zero. No Windows in here. */
int is_version(const char *text);

/* Below, at or above 0, as strcmp has it; both are versions. */
int compare_versions(const char *a, const char *b);
