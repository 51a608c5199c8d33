// SPDX-License-Identifier: GPL-2.0-or-later
#include "npy.h"
#include "memory.h"
#include "npy_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NPY_BUFFER (256 << 10) /* bytes */

struct npy *npy_new(const char *path, const char *descr, size_t item_size)
{
	struct npy *made = memory_new(1, sizeof(*made));

	made->fd = -1;
	made->item_size = item_size;
	made->path = memory_text(path);
	made->descr = memory_text(descr);
	return made;
}

void npy_close(struct npy *npy)
{
	if (!npy)
		return;
	if (npy->fd >= 0)
		close(npy->fd);
	free(npy->buffer);
	free(npy->descr);
	free(npy->path);
	free(npy);
}

void npy_abandon(struct npy *npy)
{
	npy_close(npy);
}

struct text {
	const char *next, *end;
};

static void skip_space(struct text *text)
{
	while (text->next < text->end && strchr(" \t\r\n", *text->next) && *text->next)
		text->next++;
}

/*
 * Skips `wanted`, with any white space between its characters; false: it is not there, nothing is
 * skipped.
 */
static bool skip(struct text *text, const char *wanted)
{
	struct text trial = *text;

	for (; *wanted; wanted++) {
		if (*wanted == ' ')
			continue;
		skip_space(&trial);
		if (trial.next == trial.end || *trial.next != *wanted)
			return false;
		trial.next++;
	}
	*text = trial;
	return true;
}

static bool parse_number(struct text *text, u64 *number)
{
	bool any = false;

	*number = 0;
	skip_space(text);
	for (; text->next < text->end && *text->next >= '0' && *text->next <= '9'; text->next++) {
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (u64)(*text->next - '0'), number))
			return false;
		any = true;
	}
	return any;
}

/* NumPy writes the dict's keys in sorted order. */
static int parse_dict(struct text text, const char *descr, u64 *count, char *why)
{
	if (!skip(&text, "{'descr':"))
		return why_say(why, -EBADMSG, "its header is not one of NumPy's");
	if (!skip(&text, descr)) {
		int length = (int)(text.end - text.next < 160 ? text.end - text.next : 160);

		return why_say(why, -EBADMSG, "its dtype is not %.160s but begins %.*s", descr,
			       length, text.next);
	}
	if (!skip(&text, ", 'fortran_order': False, 'shape': ("))
		return why_say(why, -EBADMSG, "its header does not say the shape in C order");
	if (!parse_number(&text, count) || !skip(&text, ",)"))
		return why_say(why, -EBADMSG, "its shape is not one number of items");
	skip(&text, ",");
	if (!skip(&text, "}"))
		return why_say(why, -EBADMSG, "its header does not end");
	skip_space(&text);
	if (text.next != text.end)
		return why_say(why, -EBADMSG, "its header has text after its end");
	return 0;
}

int npy_parse_header(const void *bytes, size_t size, const char *descr, u64 *count, size_t *offset,
		     char *why)
{
	const unsigned char *byte = bytes;
	size_t length;
	struct text text;

	if (size < NPY_PREFIX)
		return why_say(why, -EBADMSG, "it ends within its first %d bytes", NPY_PREFIX);
	if (memcmp(byte, NPY_MAGIC, 6) != 0)
		return why_say(why, -EBADMSG, "it is not a .npy file");
	if (memcmp(byte, NPY_MAGIC, 8) != 0)
		return why_say(why, -EPROTONOSUPPORT, "it is .npy version %u.%u, known is 1.0",
			       byte[6], byte[7]);
	length = byte[8] | (size_t)byte[9] << 8;
	if (length > size - NPY_PREFIX)
		return why_say(why, -EBADMSG, "it ends within its header");
	text.next = (const char *)byte + NPY_PREFIX;
	text.end = text.next + length;
	*offset = NPY_PREFIX + length;
	return parse_dict(text, descr, count, why);
}

/* Returns the bytes read, fewer than `size` only at the end of the file, or -errno. */
static ssize_t read_all(int fd, char *to, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t done = read(fd, to + have, size - have);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (done == 0)
			break;
		have += (size_t)done;
	}
	return (ssize_t)have;
}

static int check_size(const struct npy *npy, u64 file_bytes, char *why)
{
	u64 wanted;
	const char *path = why_path(npy->path);

	if (__builtin_mul_overflow(npy->count, (u64)npy->item_size, &wanted) ||
	    __builtin_add_overflow(wanted, (u64)npy->header_size, &wanted) || wanted > INT64_MAX)
		return why_say(why, -EBADMSG, "%s: its shape of %llu items is impossible", path,
			       (unsigned long long)npy->count);
	if (wanted > file_bytes)
		return why_say(why, -EBADMSG, "%s: it is cut off: %llu bytes of %llu", path,
			       (unsigned long long)file_bytes, (unsigned long long)wanted);
	if (wanted < file_bytes && !npy->part)
		return why_say(why, -EBADMSG, "%s: it has bytes after its %llu items", path,
			       (unsigned long long)npy->count);
	return 0;
}

static int read_header(struct npy *npy, char *why)
{
	char about[RUN_WHY];
	struct stat stat;
	ssize_t got;
	u64 count;
	int error;

	if (fstat(npy->fd, &stat) < 0)
		return why_say(why, -errno, "%s: %s", why_path(npy->path), strerror(errno));
	if (!S_ISREG(stat.st_mode))
		return why_say(why, -EBADMSG, "%s: it is not a file", why_path(npy->path));
	npy->room = NPY_BUFFER > npy->item_size ? NPY_BUFFER : npy->item_size;
	npy->buffer = memory_get(npy->room);
	got = read_all(npy->fd, npy->buffer, NPY_MAX_HEADER);
	if (got < 0)
		return why_say(why, (int)got, "%s: cannot be read: %s", why_path(npy->path),
			       strerror((int)-got));
	error = npy_parse_header(npy->buffer, (size_t)got, npy->descr, &count, &npy->header_size,
				 about);
	if (error)
		return why_say(why, error, "%s: %s", why_path(npy->path), about);
	if (!npy->part)
		npy->count = count;
	npy->at = npy->header_size;
	npy->filled = (size_t)got;
	return check_size(npy, (u64)stat.st_size, why);
}

/* part: NULL, or the number of items that count. */
static int open_array(int fd, const char *path, const char *descr, size_t item_size,
		      const u64 *part, struct npy **npy, char *why)
{
	struct npy *made = npy_new(path, descr, item_size);
	int error;

	made->fd = fd;
	made->part = part;
	made->count = part ? *part : 0;
	error = read_header(made, why);
	if (error)
		npy_close(made);
	else
		*npy = made;
	return error;
}

int npy_open(int fd, const char *path, const char *descr, size_t item_size, struct npy **npy,
	     u64 *count, char *why)
{
	int error = open_array(fd, path, descr, item_size, NULL, npy, why);

	if (!error)
		*count = (*npy)->count;
	return error;
}

int npy_open_part(int fd, const char *path, const char *descr, size_t item_size, u64 count,
		  struct npy **npy, char *why)
{
	return open_array(fd, path, descr, item_size, &count, npy, why);
}

static int refill(struct npy *npy, char *why)
{
	ssize_t got;

	npy->filled -= npy->at;
	memmove(npy->buffer, npy->buffer + npy->at, npy->filled);
	npy->at = 0;
	got = read_all(npy->fd, npy->buffer + npy->filled, npy->room - npy->filled);
	if (got < 0)
		return why_say(why, (int)got, "%s: cannot be read: %s", why_path(npy->path),
			       strerror((int)-got));
	npy->filled += (size_t)got;
	if (npy->filled < npy->item_size)
		return why_say(why, -EBADMSG, "%s: it became shorter while it was read",
			       why_path(npy->path));
	return 0;
}

int npy_read(struct npy *npy, void *item, char *why)
{
	if (!npy->count)
		return 0;
	if (npy->filled - npy->at < npy->item_size) {
		int error = refill(npy, why);

		if (error)
			return error;
	}
	memcpy(item, npy->buffer + npy->at, npy->item_size);
	npy->at += npy->item_size;
	npy->count--;
	return 1;
}
