// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzes the decoder of an image's stream. If the first byte is odd, the rest is the stream. If it
 * is even, the rest is divided into frames (8 bytes of type, storm, sequence and length, then the
 * payload) that get a valid checksum, so that their handlers are reached. Build with clang and
 * -fsanitize=fuzzer,address. With -DFUZZ_MAIN, main() runs each file that is named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bench/wire/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct storm_result *result)
{
	if (result->storm >= storm_count || result->status < STORM_MEASURED ||
	    result->status > STORM_FAILED)
		abort();
}

static int on_result(void *arg, const struct storm_result *result)
{
	(void)arg;
	check(result);
	if (strlen(result->why) >= sizeof(result->why))
		abort();
	return 0;
}

static int on_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	u64 count = 0;

	(void)arg;
	check(result);
	if (leg >= LEGS || clean > 1)
		abort();
	for (u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		count += histogram->bucket[i];
	if (count != histogram->count)
		abort();
	return 0;
}

static int on_records(void *arg, const struct storm_result *result, const struct record *records,
		      u32 count)
{
	(void)arg;
	(void)records;
	check(result);
	return count != 1;
}

static int on_controls(void *arg, u32 storm, const struct hv_control *controls, u32 count)
{
	(void)arg;
	if (storm != RUNNER_EVERY_STORM && storm >= storm_count)
		abort();
	for (u32 i = 0; i < count; i++)
		if (strlen(controls[i].group) >= HV_CONTROL_GROUP ||
		    strlen(controls[i].name) >= HV_CONTROL_NAME)
			abort();
	return 0;
}

static const struct run_sink sink = {
	.result = on_result,
	.histogram = on_histogram,
	.records = on_records,
	.controls = on_controls,
};

static void feed_frames(struct decoder *decoder, const uint8_t *data, size_t size)
{
	while (size >= 8) {
		struct frame frame = {.type = data[0] % (WIRE_CONTROLS + 2)};
		u32 length = data[6] | data[7] << 8;

		memcpy(&frame.storm, data + 1, 2);
		memcpy(&frame.sequence, data + 3, 2);
		data += 8;
		size -= 8;
		if (length > size)
			length = size;
		wire_seal(&frame, data, length, "", 0);
		decoder_feed(decoder, &frame, sizeof(frame));
		decoder_feed(decoder, data, length);
		data += length;
		size -= length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct decoder decoder;
	char why[HV_WHY] = "";

	if (!size || decoder_open(&decoder, &sink))
		return 0;
	if (data[0] % 2)
		decoder_feed(&decoder, data + 1, size - 1);
	else
		feed_frames(&decoder, data + 1, size - 1);
	if (decoder_finish(&decoder, why) && !why[0] && !decoder.end.status)
		abort();
	for (u32 i = 0; i < storm_count; i++)
		decoder_fault(&decoder, i);
	decoder_close(&decoder);
	return 0;
}

#ifdef FUZZ_MAIN
#include "main.h"
#endif
