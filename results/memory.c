// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fatal.h"

static void *present(void *memory)
{
	if (!memory)
		fatal_no_memory();
	return memory;
}

void *memory_get(size_t size)
{
	return present(malloc(size ? size : 1));
}

void *memory_new(size_t count, size_t size)
{
	return present(calloc(count ? count : 1, size));
}

void *memory_resize(void *memory, size_t count, size_t size)
{
	return present(reallocarray(memory, count ? count : 1, size));
}

char *memory_text(const char *text)
{
	return present(strdup(text));
}

char *memory_format(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return present(length < 0 ? NULL : text);
}

FILE *memory_stream(char **text, size_t *size)
{
	return present(open_memstream(text, size));
}

void memory_end(FILE *stream, char *const *text)
{
	bool failed = ferror(stream);

	/* glibc cuts the buffer to its size: where that fails fclose() is 0 and there is no text.
	 */
	if (fclose(stream) || failed || !*text)
		fatal_no_memory();
}
