// SPDX-License-Identifier: GPL-2.0-or-later
#include "compose.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fatal.h"
#include "memory.h"
#include "why.h"

void compose_begin(void)
{
	json_set_alloc_funcs(memory_get, free);
}

/* With memory_get() there is no other reason but a mistake of ours. */
static _Noreturn void failed(const char *what, const char *error)
{
	fatal("cannot compose JSON: %s: %s", what, error);
}

void compose_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		failed(key, "cannot be set");
}

void compose_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		failed("an array", "cannot be appended to");
}

void compose_update(json_t *object, json_t *more)
{
	if (json_object_update(object, more))
		failed("an object", "cannot be updated");
	json_decref(more);
}

json_t *compose_pack(const char *format, ...)
{
	json_error_t error;
	va_list arguments;
	json_t *value;

	va_start(arguments, format);
	value = json_vpack_ex(&error, 0, format, arguments);
	va_end(arguments);
	if (!value)
		failed(format, error.text);
	return value;
}

json_t *compose_text(const char *text)
{
	json_t *value = text ? json_string(text) : json_null();
	char *clean;

	if (value)
		return value;
	clean = memory_text(text);
	value = json_string(why_clean(clean));
	free(clean);
	if (!value)
		failed("a text", "is not UTF-8");
	return value;
}

json_t *compose_text_or_null(const char *text)
{
	return compose_text(text && *text ? text : NULL);
}

json_t *compose_format(const char *format, ...)
{
	va_list arguments;
	json_t *value;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		fatal_no_memory();
	va_end(arguments);
	value = compose_text(text);
	free(text);
	return value;
}

json_t *compose_copy(const json_t *value)
{
	json_t *copy = value ? json_deep_copy(value) : json_null();

	if (!copy)
		failed("a value", "cannot be copied");
	return copy;
}

char *compose_print(const json_t *json, size_t flags)
{
	char *text = json_dumps(json, flags | JSON_ENSURE_ASCII);

	if (!text)
		failed("a document", "cannot be printed");
	return text;
}

int compose_dump(const json_t *json, FILE *file, size_t flags)
{
	errno = 0;
	if (json_dumpf(json, file, flags) || putc('\n', file) == EOF || fflush(file) ||
	    ferror(file))
		return errno ? -errno : -EIO;
	return 0;
}

int compose_write(const json_t *json, const char *path, size_t flags)
{
	FILE *file = fopen(path, "wex");
	int error = file ? compose_dump(json, file, flags) : -errno;

	if (file && fclose(file) && !error)
		error = -errno;
	return error;
}
