// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring that a reader maps: the module's serial line. */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "../agent/agent.h"
#include "module.h"

static_assert(EXITSTORM_RING_OFFSET >= sizeof(struct exitstorm_ring));
static_assert(EXITSTORM_RING_OFFSET % PAGE_SIZE == 0);
static_assert(!(EXITSTORM_RING_BYTES & (EXITSTORM_RING_BYTES - 1)));

static struct exitstorm_ring *ring; /* the reader can write to it, too */
static u8 *bytes;
static u64 head; /* ours; the ring's is for the reader */
static bool ended;
static DECLARE_WAIT_QUEUE_HEAD(readers);
static DECLARE_WAIT_QUEUE_HEAD(writers);
static DEFINE_MUTEX(line);

int ring_init(void)
{
	ring = vmalloc_user(EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES);
	bytes = (u8 *)ring + EXITSTORM_RING_OFFSET;
	return ring ? 0 : -ENOMEM;
}

void ring_exit(void)
{
	vfree(ring);
}

void ring_reset(void)
{
	head = 0;
	ended = false;
	WRITE_ONCE(ring->tail, 0);
	WRITE_ONCE(ring->over, 0);
	smp_store_release(&ring->head, 0);
}

/* What is said first remains. */
void ring_over(void)
{
	if (ended)
		return;
	ended = true;
	smp_store_release(&ring->over,
			  image_stopped() ? EXITSTORM_OVER_ENDED : EXITSTORM_OVER_DONE);
	wake_up_all(&readers);
}

void ring_wake(void)
{
	wake_up_all(&writers);
}

/* A reader whose tail is nonsense has read nothing: nobody waits for him but himself. */
static u32 room(void)
{
	u64 used = head - smp_load_acquire(&ring->tail);

	return used > EXITSTORM_RING_BYTES ? 0 : EXITSTORM_RING_BYTES - used;
}

void image_put(const void *data, u32 count)
{
	const u8 *from = data;

	while (count) {
		u32 at = head % EXITSTORM_RING_BYTES, part;

		wait_event(writers, room() || image_stopped());
		if (image_stopped())
			return;
		part = min3(count, room(), (u32)(EXITSTORM_RING_BYTES - at));
		memcpy(bytes + at, from, part);
		from += part;
		count -= part;
		head += part;
		smp_store_release(&ring->head, head);
		wake_up_all(&readers);
	}
}

void image_line_lock(void)
{
	mutex_lock(&line);
}

void image_line_unlock(void)
{
	mutex_unlock(&line);
}

int ring_map(struct vm_area_struct *area)
{
	if (area->vm_pgoff || !(area->vm_flags & VM_SHARED))
		return -EINVAL;
	return remap_vmalloc_range(area, ring, 0);
}

void ring_gone(void)
{
	wake_up_all(&readers);
}

static bool ready(void)
{
	return smp_load_acquire(&ring->head) != READ_ONCE(ring->tail) ||
	       smp_load_acquire(&ring->over) || device_gone();
}

/* Who waits has read what there was. */
int ring_wait(void)
{
	long left;

	ring_wake();
	left = wait_event_interruptible_timeout(readers, ready(), HZ / 10);
	if (left < 0)
		return -EINTR;
	return device_gone() ? -ENODEV : 0;
}
