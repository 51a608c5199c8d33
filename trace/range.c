// SPDX-License-Identifier: GPL-2.0-or-later
#include "range.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* strtoul() alone takes spaces and signs, too. */
static bool number(const char **at, unsigned long *value)
{
	char *end;

	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	*value = strtoul(*at, &end, 10);
	*at = end;
	return !errno;
}

bool range_next(const char **at, unsigned long *first, unsigned long *last)
{
	if (!number(at, first))
		return false;
	*last = *first;
	if (**at != '-')
		return true;
	(*at)++;
	return number(at, last) && *first <= *last;
}
