// SPDX-License-Identifier: GPL-2.0-or-later
#include "local.h"

#include <stdlib.h>
#include <string.h>

#include "../../trace/clock_check.h"

const u8 *local_image(u8 fence, bool vmmcall)
{
	static u8 *image;
	static int made = -1;
	u32 size = guest_image_end - guest_image;
	int wanted = fence << 1 | vmmcall;

	if (fence == FENCE_LFENCE && !vmmcall)
		return guest_image;
	if (!image)
		image = malloc(size);
	if (!image)
		return NULL;
	if (made == wanted)
		return image;
	made = -1;
	memcpy(image, guest_image, size);
	if (storm_fence(image, size, fence) || (vmmcall && storm_vmmcall(image, size)))
		return NULL;
	made = wanted;
	return image;
}

int local_clock(const struct run_sink *sink)
{
	static struct clock_finding finding;
	struct clock_readings readings;

	if (!finding.step) {
		clock_read(&readings);
		readings.step = runner_granularity();
		readings.tcg = false; /* the target's claim is emulated-tsc then */
		clock_classify(&readings, &finding);
		finding.cpus = 1;
	}
	return sink->clock ? sink->clock(sink->arg, &finding) : 0;
}
