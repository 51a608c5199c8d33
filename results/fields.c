// SPDX-License-Identifier: GPL-2.0-or-later
#include "fields.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "why.h"

/*
 * jansson needs about 100 bytes per value: a small file could otherwise take gigabytes of memory.
 */
#define MAX_VALUES (4 << 20)
#define MAX_DEPTH  64
#define MAX_TICKS  18446744073709551616.0 /* 2^64 */
#define MAX_EXACT  9007199254740992.0	  /* 2^53: integers up to here are exact as doubles */

int field_wrong(char *why, const char *where, const char *key, const char *what)
{
	return why_say(why, -EBADMSG, "run.json: %s%s%s %s", where, *where && *key ? "." : "", key,
		       what);
}

int field_string(const json_t *object, const char *key, const char *where, char **copy, char *why)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text)
		return field_wrong(why, where, key, "is missing or is not a string");
	*copy = memory_text(text);
	return 0;
}

int field_string_or_null(const json_t *object, const char *key, const char *where, char **copy,
			 char *why)
{
	const json_t *value = json_object_get(object, key);

	*copy = NULL;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_string(value))
		return field_wrong(why, where, key, "is not a string");
	return field_string(object, key, where, copy, why);
}

int field_count(const json_t *object, const char *key, const char *where, bool needed, u64 *count,
		char *why)
{
	const json_t *value = json_object_get(object, key);
	double real;

	*count = 0;
	if (!value || json_is_null(value))
		return needed ? field_wrong(why, where, key, "is missing") : 0;
	if (json_is_integer(value)) {
		if (json_integer_value(value) < 0)
			return field_wrong(why, where, key, "is negative");
		*count = (u64)json_integer_value(value);
		return 0;
	}
	/* Some programs write every number as a real. */
	real = json_is_real(value) ? json_real_value(value) : -1;
	if (!(real >= 0 && real <= MAX_EXACT && real == floor(real)))
		return field_wrong(why, where, key, "is not a count");
	*count = (u64)real;
	return 0;
}

int field_ticks(const json_t *value, const char *where, const char *key, double *ticks, char *why)
{
	*ticks = NAN;
	if (!value || json_is_null(value))
		return 0;
	if (!json_is_number(value))
		return field_wrong(why, where, key, "is not a number");
	*ticks = json_number_value(value);
	if (!(*ticks >= 0 && *ticks <= MAX_TICKS))
		return field_wrong(why, where, key, "is out of range");
	return 0;
}

int field_check_text(const char *text, size_t size, char *why)
{
	size_t values = 0;
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (quoted && c == '\\') {
			i++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted) {
			values += c == ',' || c == '[' || c == '{';
			if (c == '[' || c == '{')
				depth++;
			else if (depth && (c == ']' || c == '}'))
				depth--;
		}
		if (depth > MAX_DEPTH)
			return why_say(why, -EBADMSG,
				       "run.json: is nested deeper than %d levels (byte %zu)",
				       MAX_DEPTH, i);
		if (values > MAX_VALUES)
			return why_say(why, -EFBIG, "run.json: has more than %d values",
				       MAX_VALUES);
	}
	return 0;
}
