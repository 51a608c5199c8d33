/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of campaign_open(). */
#ifndef BENCH_CAMPAIGN_READ_H
#define BENCH_CAMPAIGN_READ_H

#include "campaign.h"

/* One member of an object of the plan. */
struct member {
	const char *key;
	json_type type; /* JSON_INTEGER: from min to max */
	bool required;
	json_int_t min, max;
	const char *option; /* of `exitstorm run`; NULL: none */
};

/* The members of a variant. The last one has no key. */
extern const struct member variant_members[];

/* Checks the whole plan against the tables of members. -EINVAL and `why`. */
int read_check(const json_t *json, char *why);
/* The places of all sets of hosts; the variants with what they are like, and their places. */
int read_places(struct campaign *campaign, char *why);
int read_variants(struct campaign *campaign, char *why);

#endif
