// SPDX-License-Identifier: GPL-2.0-or-later
#include "number.h"

#include <ctype.h>
#include <string.h>

static bool digits(const char **at, u64 *value)
{
	const char *start = *at;

	for (*value = 0; isdigit((unsigned char)**at); (*at)++)
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (u64)(**at - '0'), value))
			return false;
	return *at != start;
}

bool number_digits(const char *text, u64 *value)
{
	return digits(&text, value) && !*text;
}

/* Multiplies by base^power; false: more than 64 bits. */
static bool scale(u64 *value, u64 base, u64 power)
{
	while (power--)
		if (__builtin_mul_overflow(*value, base, value))
			return false;
	return true;
}

bool number_read(const char *text, u64 base, u64 *value)
{
	static const char suffixes[] = "kMG";
	const char *at = text, *suffix;
	u64 power;

	if (!digits(&at, value))
		return false;
	if (base == 1000 && (*at == 'e' || *at == 'E')) {
		at++;
		return digits(&at, &power) && !*at && power <= 18 && scale(value, 10, power);
	}
	if (!*at)
		return true;
	suffix = strchr(suffixes, *at == 'K' ? 'k' : *at);
	return suffix && !at[1] && scale(value, base, suffix - suffixes + 1);
}
