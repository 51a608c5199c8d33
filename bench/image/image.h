/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the image share. */
#ifndef BENCH_IMAGE_IMAGE_H
#define BENCH_IMAGE_IMAGE_H

#include "wire.h"

/* sink.c: frames to the serial line; from one CPU at a time, the others wait. */
extern const struct run_sink image_sink;
void image_send(u8 type, u16 storm, const void *payload, u32 bytes);
/* A repeat of the storm has been skipped or has failed. */
bool image_over(u32 storm);
/* The last frame. */
void image_send_end(s32 status, const char *why);

#endif
