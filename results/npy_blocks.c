// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Large arrays are mapped: 10^8 records are 6.4 GB, and copying them would take most of the time.
 */
#include "npy.h"
#include "npy_file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW ((size_t)8 << 20) /* bytes mapped at a time, so that memory use stays small */
#define ALIGN  64

/* If the file becomes shorter while it is mapped, reading beyond its end raises SIGBUS. */
static struct {
	sigjmp_buf back;
	const char *from;
	size_t size;
} guard;

static void file_is_gone(int signal, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;

	(void)context;
	if (at >= guard.from && at < guard.from + guard.size)
		siglongjmp(guard.back, 1);
	/* Another address: restore the default action, which the faulting access triggers again. */
	sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
}

static int became_shorter(const struct npy *npy, char *why)
{
	return why_say(why, -EBADMSG, "%s: it became shorter while it was read",
		       why_path(npy->path));
}

/* Calls back for the items of a mapped window. */
static int each_mapped(const struct npy *npy, const char *items, u64 count,
		       int (*block)(void *arg, const void *items, size_t count), void *arg,
		       char *why)
{
	size_t max_items = NPY_BLOCK / npy->item_size;
	int error = 0;

	if (sigsetjmp(guard.back, 1))
		return became_shorter(npy, why);
	for (u64 i = 0; !error && i < count; i += max_items)
		error = block(arg, items + i * npy->item_size,
			      count - i < max_items ? count - i : max_items);
	return error;
}

static int each_window(struct npy *npy, off_t offset, u64 count,
		       int (*block)(void *arg, const void *items, size_t count), void *arg,
		       char *why)
{
	off_t page = sysconf(_SC_PAGESIZE), begin = offset / page * page;
	size_t size = (size_t)(offset - begin) + count * npy->item_size;
	struct sigaction ours = {.sa_sigaction = file_is_gone, .sa_flags = SA_SIGINFO}, old;
	char *window = mmap(NULL, size, PROT_READ, MAP_SHARED, npy->fd, begin);
	int error;

	if (window == MAP_FAILED)
		return why_say(why, -errno, "%s: cannot be mapped: %s", why_path(npy->path),
			       strerror(errno));
	madvise(window, size, MADV_SEQUENTIAL);
	guard.from = window;
	guard.size = size;
	sigaction(SIGBUS, &ours, &old);
	error = each_mapped(npy, window + (offset - begin), count, block, arg, why);
	sigaction(SIGBUS, &old, NULL);
	munmap(window, size);
	return error;
}

/* Headers of NumPy before 1.14 leave items unaligned, so records cannot be used in place. */
static int each_copied(struct npy *npy, int (*block)(void *arg, const void *items, size_t count),
		       void *arg, char *why)
{
	size_t max_items = NPY_BLOCK / npy->item_size, have = 0;
	char *items = aligned_alloc(ALIGN, NPY_BLOCK);
	int got = 1;

	if (!items)
		return why_say(why, -ENOMEM, "no memory");
	while (got > 0) {
		got = npy_read(npy, items + have * npy->item_size, why);
		have += got > 0;
		if (have == max_items || (got == 0 && have)) {
			int error = block(arg, items, have);

			have = 0;
			if (error)
				got = error;
		}
	}
	free(items);
	return got;
}

int npy_each(struct npy *npy, int (*block)(void *arg, const void *items, size_t count), void *arg,
	     char *why)
{
	u64 max_items = WINDOW / npy->item_size;
	/* The buffer may hold bytes that npy_read() has not returned yet. */
	off_t offset = lseek(npy->fd, 0, SEEK_CUR) - (off_t)(npy->filled - npy->at);
	int error = 0;

	if (offset % ALIGN)
		return each_copied(npy, block, arg, why);
	while (!error && npy->count) {
		u64 count = npy->count < max_items ? npy->count : max_items;

		error = each_window(npy, offset, count, block, arg, why);
		npy->count -= count;
		offset += (off_t)(count * npy->item_size);
	}
	return error;
}

struct copy {
	int fd;
	off_t offset;
	size_t item_size;
	int error; /* of writing */
	int (*block)(void *arg, const void *items, size_t count);
	void *arg;
};

static int copy_block(void *arg, const void *items, size_t count)
{
	struct copy *copy = arg;
	int error = copy->block(copy->arg, items, count);

	if (error)
		return error;
	copy->error = npy_write_all(copy->fd, items, count * copy->item_size, copy->offset);
	copy->offset += (off_t)(count * copy->item_size);
	return copy->error;
}

struct part_copy {
	struct npy *to;
	int (*block)(void *arg, const void *items, size_t count);
	void *arg;
	char *why;
};

static int append_block(void *arg, const void *items, size_t count)
{
	const struct part_copy *copy = arg;
	int error = copy->block(copy->arg, items, count);

	return error ? error : npy_append(copy->to, items, count, copy->why);
}

static int copy_part(struct npy *npy, const char *to,
		     int (*block)(void *arg, const void *items, size_t count), void *arg, char *why)
{
	struct part_copy copy = {.block = block, .arg = arg, .why = why};
	int error = npy_create(to, npy->descr, npy->item_size, &copy.to, why);

	if (error)
		return error;
	error = npy_each(npy, append_block, &copy, why);
	if (error)
		npy_abandon(copy.to);
	return error ? error : npy_finish(copy.to, why);
}

int npy_copy(struct npy *npy, const char *to,
	     int (*block)(void *arg, const void *items, size_t count), void *arg, char *why)
{
	struct copy copy = {.offset = (off_t)npy->header_size,
			    .item_size = npy->item_size,
			    .block = block,
			    .arg = arg};
	int error = 0;

	if (npy->part)
		return copy_part(npy, to, block, arg, why);
	copy.fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (copy.fd < 0)
		copy.error = -errno;
	else /* read_header() has left the header in the buffer */
		copy.error = npy_write_all(copy.fd, npy->buffer, npy->header_size, 0);
	if (!copy.error)
		error = npy_each(npy, copy_block, &copy, why);
	if (copy.fd >= 0 && close(copy.fd) && !error && !copy.error)
		copy.error = -errno;
	if (copy.error == -EFAULT) /* where reading the mapped file raises SIGBUS */
		return became_shorter(npy, why);
	if (copy.error)
		return why_say(why, copy.error, "%s: cannot be written: %s", why_path(to),
			       strerror(-copy.error));
	return error;
}
