/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the decoder share. */
#ifndef BENCH_WIRE_DECODE_PRIVATE_H
#define BENCH_WIRE_DECODE_PRIVATE_H

#include "decode.h"

/* decode.c: something of the storm was lost; a histogram under way is not gone on with. */
void decoder_hit(struct decoder *decoder, u16 storm);
void decoder_histogram_drop(struct decoder *decoder);

/* take.c: a whole frame, in its turn. -EPROTO: not what its type says; or what the sink returned.
 */
int decoder_take(struct decoder *decoder, const struct frame *frame, const u8 *payload);

#endif
