// SPDX-License-Identifier: GPL-2.0-or-later
/* Opens a journal that another process has left. */
#include "journal_state.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../results/inside.h"

/* The findings of a scan, before any is used. */
struct scan {
	const u8 *bytes;
	size_t size, plan_end, end; /* end: of the last unit that counts */
	struct run_items *items;    /* [storm_count] */
	struct journal_time time;
};

static int check_plan(const struct journal *journal, struct scan *scan, char *why)
{
	struct journal_bytes plan = {0};
	int err = journal_put_plan(&journal->of, &plan);

	scan->plan_end = plan.used;
	if (err)
		why_say(why, err, "no memory");
	else if (scan->size < plan.used || memcmp(scan->bytes, plan.at, plan.used))
		err = why_say(why, -EBADMSG,
			      "the plan, its settings or storms are not those of the interrupted "
			      "run, or the run is of another build");
	free(plan.at);
	return err;
}

static bool end_valid(const struct journal *journal, const struct journal_frame *frame,
		      const u8 *payload, struct journal_end *end)
{
	if (frame->length != sizeof(*end) || frame->storm >= storm_count ||
	    !journal->state[frame->storm].planned)
		return false;
	memcpy(end, payload, sizeof(*end));
	return end->repeat < journal->of.plan->repeats;
}

static void take_time(const u8 *payload, struct journal_time *time)
{
	struct journal_time read;

	memcpy(&read, payload, sizeof(read));
	if (isfinite(read.seconds) && read.seconds >= 0 && isfinite(read.all.others) &&
	    isfinite(read.all.stolen) && isfinite(read.measured.others) &&
	    isfinite(read.measured.stolen))
		*time = read;
}

/* The frames up to the first that is not whole; units after the last sync only if !durable. */
static void scan_frames(struct scan *scan, bool durable)
{
	struct journal_frame frame;
	size_t at = scan->plan_end, size;

	scan->end = at;
	while ((size = journal_frame_at(scan->bytes + at, scan->size - at, &frame))) {
		const u8 *payload = scan->bytes + at + sizeof(frame);

		at += size;
		if (frame.type == JOURNAL_SYNC && frame.length == sizeof(scan->time))
			take_time(payload, &scan->time);
		if (frame.type == JOURNAL_SYNC || (!durable && frame.type == JOURNAL_UNIT))
			scan->end = at;
	}
}

static int replay(struct journal *journal, struct scan *scan, char *why)
{
	size_t at = scan->plan_end, size;
	struct journal_frame frame;
	struct journal_end end;
	int err = 0;

	for (; !err && at < scan->end; at += size) {
		const u8 *payload = scan->bytes + at + sizeof(frame);

		size = journal_frame_at(scan->bytes + at, scan->end - at, &frame);
		if (frame.type == JOURNAL_SYNC)
			continue;
		if (frame.type != JOURNAL_UNIT) {
			err = journal_apply(journal->of.plan, journal->of.sink, &frame, payload);
		} else if (end_valid(journal, &frame, payload, &end)) {
			scan->items[frame.storm] = (struct run_items){end.rows, end.records};
			journal_mark(journal, &storms[frame.storm], end.repeat);
		} else {
			err = -EBADMSG;
		}
	}
	if (!err)
		return 0;
	return why_say(why, err, JOURNAL_NAME ": %s",
		       err == -EBADMSG ? "is damaged" : strerror(-err));
}

static int keep_arrays(struct journal *journal, const struct scan *scan, char *why)
{
	int err = 0;

	for (u32 i = 0; i < storm_count && !err && journal->of.writer; i++)
		if (journal->state[i].planned)
			err = run_keep_arrays(journal->of.writer, storms[i].name, scan->items[i],
					      why);
	return err;
}

static int restore(struct journal *journal, bool durable, struct journal_time *time, char *why)
{
	struct scan scan = {0};
	struct stat stat;
	void *map;
	int err;

	if (fstat(journal->fd, &stat))
		return why_say(why, -errno, JOURNAL_NAME ": %s", strerror(errno));
	scan.size = (size_t)stat.st_size;
	map = scan.size ? mmap(NULL, scan.size, PROT_READ, MAP_PRIVATE, journal->fd, 0) : NULL;
	if (map == MAP_FAILED)
		return why_say(why, -errno, JOURNAL_NAME ": %s", strerror(errno));
	scan.bytes = map;
	scan.items = calloc(storm_count, sizeof(*scan.items));
	err = scan.items ? check_plan(journal, &scan, why) : why_say(why, -ENOMEM, "no memory");
	if (!err) {
		scan_frames(&scan, durable);
		err = replay(journal, &scan, why);
	}
	if (!err)
		err = keep_arrays(journal, &scan, why);
	if (!err && ftruncate(journal->fd, (off_t)scan.end))
		err = why_say(why, -errno, JOURNAL_NAME ": %s", strerror(errno));
	journal->size = (off_t)scan.end;
	*time = scan.time;
	free(scan.items);
	if (map)
		munmap(map, scan.size);
	return err;
}

int journal_open(const char *folder, const struct journal_options *options, bool durable,
		 struct journal **journal, struct journal_time *time, char *why)
{
	int fd = inside_open(folder, JOURNAL_NAME, why), err = fd < 0 ? fd : 0;
	struct journal *made = err ? NULL : journal_new(options);
	char path[PATH_MAX];

	if (!err && !made)
		err = why_say(why, -ENOMEM, "no memory");
	if (!err)
		err = journal_path(folder, path, why);
	if (!err) {
		/* inside_open() has made sure that it is a regular file. */
		made->fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (made->fd < 0)
			err = why_say(why, -errno, "%s: %s", why_path(path), strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	if (!err)
		err = restore(made, durable, time, why);
	if (err)
		journal_close(made);
	else
		*journal = made;
	return err;
}
