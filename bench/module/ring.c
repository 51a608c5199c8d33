// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring of frames that the process maps: where the image has a serial line. */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "../agent/agent.h"
#include "module.h"

static_assert(EXITSTORM_RING_OFFSET >= sizeof(struct exitstorm_ring));
static_assert(EXITSTORM_RING_OFFSET % PAGE_SIZE == 0);
static_assert(!(EXITSTORM_RING_BYTES & (EXITSTORM_RING_BYTES - 1)));

static struct exitstorm_ring *ring; /* mapped by the process, which may write anything to it */
static u8 *ring_bytes;
static u64 ring_head; /* the authoritative one: ring->head is a copy for the reader */
static bool ring_ended, ring_aborted;
static DECLARE_WAIT_QUEUE_HEAD(ring_readers);
static DECLARE_WAIT_QUEUE_HEAD(ring_writers);
static DECLARE_WAIT_QUEUE_HEAD(ring_lines);
static unsigned long ring_line; /* bit 0: taken by a vCPU */

int ring_init(void)
{
	ring = vmalloc_user(EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES);
	ring_bytes = (u8 *)ring + EXITSTORM_RING_OFFSET;
	return ring ? 0 : -ENOMEM;
}

void ring_exit(void)
{
	vfree(ring);
}

void ring_reset(void)
{
	ring_head = 0;
	ring_ended = false;
	WRITE_ONCE(ring_aborted, false);
	WRITE_ONCE(ring->tail, 0);
	WRITE_ONCE(ring->over, 0);
	smp_store_release(&ring->head, 0);
}

void ring_over(void)
{
	if (ring_ended)
		return;
	ring_ended = true;
	smp_store_release(&ring->over,
			  READ_ONCE(ring_aborted) ? EXITSTORM_OVER_ENDED : EXITSTORM_OVER_DONE);
	wake_up_all(&ring_readers);
}

void ring_abort(void)
{
	WRITE_ONCE(ring_aborted, true);
	wake_up_all(&ring_writers);
}

/* A tail out of range counts as nothing read: that only stalls the reader that wrote it. */
static u32 ring_room(void)
{
	u64 used = ring_head - smp_load_acquire(&ring->tail);

	return used > EXITSTORM_RING_BYTES ? 0 : EXITSTORM_RING_BYTES - used;
}

/* Waits are idle ones: how long the process does not read is no fault of the kernel's. */
void agent_put(const void *data, u32 count)
{
	const u8 *from = data;

	while (count) {
		u32 at = ring_head % EXITSTORM_RING_BYTES, part;

		wait_event_idle(ring_writers, ring_room() || READ_ONCE(ring_aborted));
		if (READ_ONCE(ring_aborted))
			return;
		part = min3(count, ring_room(), (u32)(EXITSTORM_RING_BYTES - at));
		memcpy(ring_bytes + at, from, part);
		from += part;
		count -= part;
		ring_head += part;
		smp_store_release(&ring->head, ring_head);
		wake_up_all(&ring_readers);
	}
}

void agent_line_lock(void)
{
	wait_event_idle(ring_lines, !test_and_set_bit_lock(0, &ring_line));
}

void agent_line_unlock(void)
{
	clear_bit_unlock(0, &ring_line);
	wake_up(&ring_lines);
}

int ring_map(struct vm_area_struct *area)
{
	if (area->vm_pgoff || !(area->vm_flags & VM_SHARED))
		return -EINVAL;
	return remap_vmalloc_range(area, ring, 0);
}

static bool ring_ready(void)
{
	return smp_load_acquire(&ring->head) != READ_ONCE(ring->tail) ||
	       smp_load_acquire(&ring->over);
}

/* A process that waits has read what there was: there may be room again. */
int ring_wait(void)
{
	wake_up_all(&ring_writers);
	if (wait_event_interruptible_timeout(ring_readers, ring_ready(), HZ / 10) < 0)
		return -EINTR;
	return 0;
}
