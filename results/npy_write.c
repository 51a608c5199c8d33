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

#define NPY_ALIGN 64 /* alignment of the data, as NumPy writes it */

int npy_write_all(int fd, const void *bytes, size_t size, off_t offset)
{
	const char *next = bytes;

	while (size) {
		ssize_t done = pwrite(fd, next, size, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -EIO;
		next += done;
		offset += done;
		size -= (size_t)done;
	}
	return 0;
}

static int write_at(const struct npy *npy, int flags, const void *bytes, size_t size, off_t offset,
		    char *why)
{
	int fd = open(npy->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
	int error;

	if (fd < 0) {
		error = -errno;
		return why_say(why, error, "%s: cannot be opened for writing: %s",
			       why_path(npy->path), strerror(-error));
	}
	error = npy_write_all(fd, bytes, size, offset);
	/* Some file systems report a full disk or a quota only here. */
	if (close(fd) < 0 && !error)
		error = -errno;
	if (error)
		return why_say(why, error, "%s: cannot be written: %s", why_path(npy->path),
			       strerror(-error));
	return 0;
}

#define HEADER "{'descr': %s, 'fortran_order': False, 'shape': (%llu,), }"

/* With room for the longest shape, so that it can be rewritten in place. */
static size_t header_bytes(const char *descr)
{
	size_t longest = (size_t)snprintf(NULL, 0, HEADER, descr, ~0ULL);

	return (longest + 1 + NPY_PREFIX + NPY_ALIGN - 1) / NPY_ALIGN * NPY_ALIGN;
}

static int write_header(const struct npy *npy, u64 count, int flags, char *why)
{
	size_t size = header_bytes(npy->descr), text = size - NPY_PREFIX;
	char *header;
	int error, length;

	if (text > UINT16_MAX)
		return why_say(why, -EINVAL, "%s: the dtype is too long", why_path(npy->path));
	header = memory_get(size + 1);
	memcpy(header, NPY_MAGIC, 8);
	header[8] = (char)(text & 0xff);
	header[9] = (char)(text >> 8);
	length = snprintf(header + NPY_PREFIX, text, HEADER, npy->descr, (unsigned long long)count);
	memset(header + NPY_PREFIX + length, ' ', text - (size_t)length);
	header[size - 1] = '\n';
	error = write_at(npy, flags, header, size, 0, why);
	free(header);
	return error;
}

int npy_create(const char *path, const char *descr, size_t item_size, struct npy **npy, char *why)
{
	struct npy *made = npy_new(path, descr, item_size);
	int error;

	made->header_size = header_bytes(descr);
	error = write_header(made, 0, O_CREAT | O_EXCL, why);
	if (error)
		npy_abandon(made);
	else
		*npy = made;
	return error;
}

int npy_append(struct npy *npy, const void *items, size_t count, char *why)
{
	off_t offset = (off_t)(npy->header_size + npy->count * npy->item_size);
	int error;

	if (!count)
		return 0;
	error = write_at(npy, 0, items, count * npy->item_size, offset, why);
	if (!error)
		npy->count += count;
	return error;
}

u64 npy_items(const struct npy *npy)
{
	return npy->count;
}

int npy_save(const struct npy *npy, u64 count, char *why)
{
	int error = write_header(npy, count, 0, why), fd;

	if (error)
		return error;
	fd = open(npy->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fsync(fd))
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error ? why_say(why, error, "%s: cannot be written: %s", why_path(npy->path),
			       strerror(-error))
		     : 0;
}

void npy_moved(struct npy *npy, const char *path)
{
	free(npy->path);
	npy->path = memory_text(path);
}

/* Only regular files: what has become a link, a FIFO or a device is not written to. */
static int cut(const char *path, u64 bytes, char *why)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), error = 0;
	struct stat stat;

	if (fd < 0)
		return why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	if (fstat(fd, &stat))
		error = -errno;
	else if (!S_ISREG(stat.st_mode))
		error = -ENXIO;
	else if ((u64)stat.st_size < bytes)
		error = -EBADMSG;
	else if (ftruncate(fd, (off_t)bytes))
		error = -errno;
	close(fd);
	if (error == -EBADMSG)
		return why_say(why, error, "%s: it is cut off: %llu bytes of %llu", why_path(path),
			       (unsigned long long)stat.st_size, (unsigned long long)bytes);
	return error ? why_say(why, error, "%s: %s", why_path(path), strerror(-error)) : 0;
}

int npy_continue(const char *path, const char *descr, size_t item_size, u64 count, struct npy **npy,
		 char *why)
{
	struct npy *made = npy_new(path, descr, item_size);
	int error = 0;
	u64 bytes;

	made->header_size = header_bytes(descr);
	made->count = count;
	if (__builtin_mul_overflow(count, (u64)item_size, &bytes) ||
	    __builtin_add_overflow(bytes, (u64)made->header_size, &bytes) || bytes > INT64_MAX)
		error = why_say(why, -EBADMSG, "%s: %llu items are impossible", why_path(path),
				(unsigned long long)count);
	if (!error)
		error = cut(path, bytes, why);
	if (!error)
		error = write_header(made, count, 0, why);
	if (error)
		npy_abandon(made);
	else
		*npy = made;
	return error;
}

int npy_finish(struct npy *npy, char *why)
{
	int error = write_header(npy, npy->count, 0, why);

	npy_close(npy);
	return error;
}
