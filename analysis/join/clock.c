// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

struct join_clock join_clock_of(const json_t *vcpu)
{
	const json_t *offset = json_object_get(vcpu, "tsc_offset"),
		     *scaling = json_object_get(vcpu, "tsc_scaling");

	if (!json_is_integer(offset) || !(json_number_value(scaling) > 0))
		return (struct join_clock){.scaling = 1};
	return (struct join_clock){
		.known = true,
		.offset = json_integer_value(offset),
		.scaling = json_number_value(scaling),
	};
}

/* In long double, whose 64 bits are those of a TSC: a double has an error of a tick from 2^53 on.
 */
u64 join_clock_guest(const struct join_clock *clock, u64 host)
{
	if (clock->scaling == 1)
		return host + clock->offset;
	return (u64)((long double)host * clock->scaling) + clock->offset;
}
