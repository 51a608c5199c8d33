// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../results/compose.h"
#include "../machine/cpu.h"
#include "raw_target.h"

#define PIECE	   (1 << 20)
#define MAX_BYTES  (1UL << 30)
#define MAX_TSC_HZ 1000000000000ULL

static struct wire_hello described;

static const char *capture_name(void)
{
	if (!strcmp(described.hypervisor, "TCGTCGTCGTCG"))
		return "qemu";
	if (described.clock.kind == CLOCK_INSTRUCTIONS)
		return "bochs";
	return strcmp(described.backend, "none") ? "metal" : "guest";
}

static int capture_probe(char *why)
{
	snprintf(why, HV_WHY, "a capture is imported, not run");
	return -EOPNOTSUPP;
}

static int capture_available(const struct plan *plan, const struct storm *storm, char *why)
{
	(void)plan;
	(void)storm;
	return capture_probe(why);
}

static json_t *capture_describe(const struct plan *plan)
{

	return compose_pack("{s:s, s:s, s:b, s:s, s:I, s:i, s:n, s:n, s:s}", "name", capture_name(),
			    "backend", described.backend, "emulated",
			    described.clock.kind != CLOCK_TSC, "clock",
			    raw_clock_name(described.clock.kind), "clock_granularity",
			    (json_int_t)described.clock.step, "guest_cpl",
			    plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native", "nesting",
			    "raw_space", described.backend);
}

static const char *capture_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)plan;
	(void)storm;
	return raw_site(described.backend, leg);
}

const struct target target_capture = {
	.name = "capture",
	.text = "the serial output of an image",
	.bit = TARGET_BOCHS,
	.probe = capture_probe,
	.available = capture_available,
	.describe = capture_describe,
	.shape = raw_shape,
	.site = capture_site,
};

/* Opening a FIFO without a writer blocks, opening a device may act. */
static int open_file(const char *path, FILE **file, char *why)
{
	const char *text = NULL;
	struct stat about;

	*file = NULL;
	if (stat(path, &about))
		text = strerror(errno);
	else if (S_ISDIR(about.st_mode))
		text = "is a folder: a capture is a file";
	else if (S_ISFIFO(about.st_mode))
		text = "is a FIFO: a capture is a file";
	else if (!S_ISREG(about.st_mode))
		text = "is a device: a capture is a file";
	else if (!(*file = fopen(path, "re")))
		text = strerror(errno);
	if (*file)
		return 0;
	snprintf(why, HV_WHY, "%s", text);
	return -EINVAL;
}

static int read_file(struct capture *capture, const char *path, char *why)
{
	size_t room = 0, got = 1;
	FILE *file;
	int err = open_file(path, &file, why);

	if (err)
		return err;
	while (got && !err) {
		u8 *more = realloc(capture->bytes, room += PIECE);

		if (!more || room > MAX_BYTES) {
			err = more ? -EFBIG : -ENOMEM;
			capture->bytes = more ? more : capture->bytes;
			break;
		}
		capture->bytes = more;
		errno = 0;
		got = fread(capture->bytes + capture->size, 1, room - capture->size, file);
		capture->size += got;
		if (ferror(file))
			err = errno ? -errno : -EIO;
	}
	fclose(file);
	if (err)
		snprintf(why, HV_WHY, "%s", strerror(-err));
	return err;
}

static int no_result(void *arg, const struct storm_result *result)
{
	(void)arg;
	(void)result;
	return 0;
}

static int no_histogram(void *arg, const struct storm_result *result, u16 leg, u16 clean,
			const struct histogram *histogram)
{
	(void)leg;
	(void)clean;
	(void)histogram;
	return no_result(arg, result);
}

static int no_records(void *arg, const struct storm_result *result, const struct record *records,
		      u32 count)
{
	(void)records;
	(void)count;
	return no_result(arg, result);
}

static const struct run_sink discard = {
	.result = no_result,
	.histogram = no_histogram,
	.records = no_records,
};

static int refuse(char *why, const char *text, const char *message)
{
	snprintf(why, HV_WHY, "%s%s%.120s", text, *message ? "; its last message: " : "", message);
	return -EBADMSG;
}

/* Checks that the capture holds exactly one plan, of this build, and its machine. */
static int validate(const struct decoder *decoder, char *why)
{
	static const char *const backends[] = {"vmx", "svm", "none"};
	const struct wire_hello *hello = &decoder->hello;

	if (!decoder->frames)
		return refuse(why, "it holds no frame of an image", decoder->line);
	if (decoder->foreign)
		return refuse(
			why, "it is from another build of exitstorm, with other storms or settings",
			"");
	if (decoder->ended && decoder->end.status && !decoder->plan_seen)
		return refuse(why, "the image could not run", decoder->end.why);
	if (!decoder->hello_seen || !decoder->plan_seen)
		return refuse(why, "the frames with the plan and the machine are missing",
			      decoder->line);
	if (decoder->plans_differ)
		return refuse(why, "it holds runs of several plans: import one at a time", "");
	if (strcmp(hello->backend, backends[0]) && strcmp(hello->backend, backends[1]) &&
	    strcmp(hello->backend, backends[2]))
		return refuse(why, "the image reports a backend that this build does not know", "");
	for (u32 i = 0; i < storm_count; i++)
		if (decoder->storms[i].results >
		    decoder->plan.plan.repeats * runner_vcpus(&storms[i], &decoder->plan.plan)) {
			snprintf(why, HV_WHY, "storm %s has more results than its plan asks for",
				 storms[i].name);
			return -EBADMSG;
		}
	return 0;
}

static int survey(struct capture *capture, char *why)
{
	struct decoder decoder;
	char broken[HV_WHY];
	int err = decoder_open(&decoder, &discard);

	capture->storm = calloc(storm_count, sizeof(*capture->storm));
	if (err || !capture->storm) {
		decoder_close(&decoder);
		snprintf(why, HV_WHY, "no memory");
		return -ENOMEM;
	}
	err = decoder_feed(&decoder, capture->bytes, capture->size);
	if (err)
		snprintf(why, HV_WHY, "%s", strerror(-err));
	decoder_finish(&decoder, broken);
	if (!err)
		err = validate(&decoder, why);
	capture->hello = decoder.hello;
	capture->plan = decoder.plan;
	capture->plan.storms = 0;
	for (u32 i = 0; i < storm_count; i++) {
		capture->storm[i] = decoder.storms[i].planned;
		if (capture->storm[i])
			capture->plan.storm[capture->plan.storms++] = i;
	}
	described = decoder.hello;
	decoder_close(&decoder);
	return err;
}

int capture_open(struct capture *capture, const char *path, char *why)
{
	int err;

	*capture = (struct capture){0};
	err = read_file(capture, path, why);
	if (!err)
		err = survey(capture, why);
	if (err)
		capture_close(capture);
	return err;
}

int capture_decode(const struct capture *capture, const struct run_sink *sink, char *why)
{
	struct decoder decoder;
	int whole, err = decoder_open(&decoder, sink);

	if (err)
		return err;
	decoder_expect(&decoder, &capture->plan);
	err = decoder_feed(&decoder, capture->bytes, capture->size);
	whole = err ? err : decoder_finish(&decoder, why);
	for (u32 i = 0; i < storm_count && !err && whole; i++)
		if (capture->storm[i] && decoder_fault(&decoder, i))
			err = target_not_run(&storms[i], 0, sink, -EBADMSG,
					     decoder_fault(&decoder, i));
	decoder_close(&decoder);
	return err ? err : whole ? -EBADMSG : 0;
}

/* In place of null. The invariant bit tells only where there is a TSC to tell of. */
static void add_measured(json_t *cpu, const struct wire_hello *hello)
{
	char microcode[16];

	if (hello->tsc_hz && hello->tsc_hz < MAX_TSC_HZ) {
		compose_set(cpu, "tsc_hz", json_integer((json_int_t)hello->tsc_hz));
		compose_set(cpu, "tsc_source", compose_text_or_null(hello->tsc_source));
	}
	compose_set(cpu, "tsc_invariant", json_boolean(hello->tsc_invariant));
	snprintf(microcode, sizeof(microcode), "0x%x", hello->microcode);
	if (hello->microcode)
		compose_set(cpu, "microcode", json_string(microcode));
}

static json_t *ids_json(const struct wire_hello *hello)
{
	json_t *ids = compose_pack("[]");

	for (u32 cpu = 0; cpu < hello->cpus && cpu < WIRE_APIC_IDS; cpu++)
		compose_add(ids, json_integer(hello->apic_id[cpu]));
	return ids;
}

json_t *capture_host(const struct capture *capture)
{
	static const char *const unknown[] = {"kernel",	  "cmdline",	"mitigations", "kvm_params",
					      "governor", "turbo",	"smt",	       "cstates",
					      "thp",	  "numa",	"cpus",	       "compiler",
					      "load1",	  "steal_ticks"};
	const struct wire_hello *hello = &capture->hello;
	u32 family, model, stepping;
	json_t *host;

	cpu_signature(hello->signature, &family, &model, &stepping);
	host = compose_pack("{s:{s:o, s:i, s:i, s:i, s:n, s:o, s:n, s:n, s:n}, s:o}", "cpu",
			    "vendor", compose_text_or_null(hello->vendor), "family", (int)family,
			    "model", (int)model, "stepping", (int)stepping, "microcode", "brand",
			    compose_text_or_null(hello->brand), "codename", "tsc_hz",
			    "tsc_invariant", "hypervisor", compose_text_or_null(hello->hypervisor));
	add_measured(json_object_get(host, "cpu"), hello);
	compose_set(host, "apic_ids", ids_json(hello));
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		compose_set(host, unknown[i], json_null());
	return host;
}

void capture_close(struct capture *capture)
{
	free(capture->bytes);
	free(capture->storm);
	*capture = (struct capture){0};
}
