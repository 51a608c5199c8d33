/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a serial line back to what the image's runners reported. Bytes may come in any
 * pieces; what is damaged or lost is counted and said, what came whole is passed on. Not
 * freestanding.
 */
#ifndef BENCH_WIRE_DECODE_H
#define BENCH_WIRE_DECODE_H

#include "dispatch.h"

int decoder_open(struct decoder *decoder, const struct run_sink *sink); /* -ENOMEM */
/* 0, or what the sink returned. */
int decoder_feed(struct decoder *decoder, const void *bytes, size_t count);
/*
 * No more bytes come: 0 if all is whole; -EBADMSG and why, naming the storm it hit; the image's own
 * status if it gave up; or what the sink returned.
 */
int decoder_finish(struct decoder *decoder, char *why);
/* After decoder_finish: NULL if all that was asked of the storm came whole, else what is not. */
const char *decoder_fault(const struct decoder *decoder, u16 storm);
void decoder_close(struct decoder *decoder);

#endif
