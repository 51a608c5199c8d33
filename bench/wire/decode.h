/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decodes the bytes of a stream into the results that its runners reported, and passes them to a
 * run_sink. Bytes may arrive in pieces of any size. Damaged and lost frames are counted, and make
 * the storm that they belong to fail. Not freestanding.
 */
#ifndef BENCH_WIRE_DECODE_H
#define BENCH_WIRE_DECODE_H

#include "dispatch.h"

int decoder_open(struct decoder *decoder, const struct run_sink *sink); /* -ENOMEM */
/*
 * For callers that know the plan: data can be checked against it from the first frame on. It must
 * be valid (wire_plan_fault). Else data before the first PLAN frame is refused.
 */
void decoder_expect(struct decoder *decoder, const struct wire_plan *plan);
/* 0, or what the sink returned. */
int decoder_feed(struct decoder *decoder, const void *bytes, size_t count);
/*
 * To be called at the end of the stream. 0: it is complete. -EBADMSG: it is not, why[HV_WHY] names
 * the first incomplete storm. Else the image's status, if it gave up, or the sink's error.
 */
int decoder_finish(struct decoder *decoder, char *why);
/* After decoder_finish: NULL if the storm's results are complete, else the reason. */
const char *decoder_fault(const struct decoder *decoder, u16 storm);
void decoder_close(struct decoder *decoder);

#endif
