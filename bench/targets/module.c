// SPDX-License-Identifier: GPL-2.0-or-later
/* Storms in this machine's kernel, by exitstorm.ko: raw VMX or SVM on the bare CPU. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../wire/decode.h"
#include "../module/uapi.h"
#include "boot_queue.h"

#define SECONDS 3600 /* a repeat of a storm, at most */

/* Open as long as the process lives, once anybody has run something: nobody else can. */
static struct {
	int fd; /* 0: not open */
	int latency;
	struct exitstorm_info info;
	struct exitstorm_ring *ring;
	const u8 *bytes;
	char why[HV_WHY]; /* "": it can be used */
} device;

static int refuse(int err)
{
	if (err == ENOENT)
		snprintf(device.why, HV_WHY,
			 "exitstorm.ko is not loaded: there is no %s (make module, then as root "
			 "make module-install and modprobe exitstorm)",
			 EXITSTORM_DEVICE);
	else if (err == EACCES || err == EPERM)
		snprintf(device.why, HV_WHY, "%s is root's only", EXITSTORM_DEVICE);
	else if (err == EBUSY)
		snprintf(device.why, HV_WHY, "%s is in use: one run at a time", EXITSTORM_DEVICE);
	else if (err == EINVAL)
		snprintf(device.why, HV_WHY,
			 "the exitstorm.ko that is loaded is of another build than this command: "
			 "rmmod exitstorm, make module, load it again");
	else
		snprintf(device.why, HV_WHY, "%s: %s", EXITSTORM_DEVICE, strerror(err));
	return -err;
}

static int ask(int fd)
{
	device.info.size = sizeof(device.info);
	device.info.version = EXITSTORM_VERSION;
	if (ioctl(fd, EXITSTORM_INFO, &device.info))
		return errno == ENOTTY ? EINVAL : errno;
	return device.info.hello.tables == wire_tables() ? 0 : EINVAL;
}

/* What the module says of this machine now. */
static int look(void)
{
	int fd = device.fd ? device.fd : open(EXITSTORM_DEVICE, O_RDWR | O_CLOEXEC);
	int err;

	*device.why = '\0';
	if (fd < 0)
		return refuse(errno);
	err = ask(fd);
	if (!device.fd)
		close(fd);
	if (err)
		return refuse(err);
	snprintf(device.why, HV_WHY, "%s", device.info.why);
	return device.info.status;
}

/* Idle states would be part of what is measured: the kernel keeps out of them while this is open.
 */
static void hold_latency(void)
{
	const s32 none = 0;

	device.latency = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
	if (device.latency >= 0 && write(device.latency, &none, sizeof(none)) != sizeof(none)) {
		close(device.latency);
		device.latency = -1;
	}
}

static int open_device(void)
{
	int fd;
	void *map;

	if (device.fd)
		return 0;
	fd = open(EXITSTORM_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return refuse(errno);
	map = mmap(NULL, EXITSTORM_RING_OFFSET + EXITSTORM_RING_BYTES, PROT_READ | PROT_WRITE,
		   MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		refuse(errno);
		close(fd);
		return -ENOMEM;
	}
	device.fd = fd;
	device.ring = map;
	device.bytes = (u8 *)map + EXITSTORM_RING_OFFSET;
	hold_latency();
	return 0;
}

static int module_probe(char *why)
{
	int err = look();

	snprintf(why, HV_WHY, "%s", device.why);
	return err;
}

/* As far as it was asked already; else what the CPU is does not change. */
static const char *backend_of(void)
{
	if (!*device.info.hello.backend)
		look();
	return strcmp(device.info.hello.backend, "svm") ? "vmx" : "svm";
}

static int module_available(const struct plan *plan, const struct storm *storm, char *why)
{
	u32 online = sysconf(_SC_NPROCESSORS_ONLN),
	    have = plan->cpu_count ? plan->cpu_count : online;

	const char *backend = backend_of();

	if (storm->needs & NEED_OTHER_CPU) {
		snprintf(why, HV_WHY,
			 "an INIT or SIPI would reset a CPU of the kernel's (-t bochs has it)");
		return -EOPNOTSUPP;
	}
	if (!strcmp(device.info.hello.hypervisor, "TCGTCGTCGTCG") && image_hangs_tcg(storm, why))
		return -EOPNOTSUPP;
	if (plan->setting[SETTING_IRQS] == IRQS_ON && !device.info.irqs_on) {
		snprintf(why, HV_WHY,
			 "irqs=on needs VMX on between batches, for which this kernel exports "
			 "nothing "
			 "(cr4_update_irqsoff)");
		return -EOPNOTSUPP;
	}
	if (runner_vcpus(storm, plan) > have) {
		snprintf(why, HV_WHY, "needs a CPU for each of its %u vCPUs, the run has %u",
			 runner_vcpus(storm, plan), have);
		return -EOPNOTSUPP;
	}
	return image_available(plan, storm,
			       strcmp(backend, "svm") ? HV_VENDOR_INTEL : HV_VENDOR_AMD, why);
}

static json_t *module_describe(const struct plan *plan)
{
	static const char *const clocks[] = {
		[WIRE_CLOCK_TSC] = "tsc",
		[WIRE_CLOCK_INSTRUCTIONS] = "instructions",
		[WIRE_CLOCK_EMULATED] = "emulated-tsc",
	};
	const struct wire_hello *hello = &device.info.hello;
	u32 clock = hello->clock <= WIRE_CLOCK_EMULATED ? hello->clock : WIRE_CLOCK_TSC;

	return json_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:n, s:s}", "name",
			 target_module.name, "backend", backend_of(), "emulated",
			 clock != WIRE_CLOCK_TSC, "clock", clocks[clock], "clock_granularity",
			 (int)hello->granularity, "guest_cpl",
			 plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native", "nesting",
			 "raw_space", backend_of());
}

static const char *module_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)plan;
	(void)storm;
	return image_site(backend_of(), leg);
}

/* All that has come since the last call. 1: something, 0: nothing, -errno: the sink's. */
static int feed(struct decoder *decoder)
{
	u64 head = __atomic_load_n(&device.ring->head, __ATOMIC_ACQUIRE), tail = device.ring->tail;
	bool some = head != tail;
	int err = 0;

	while (tail != head && !err) {
		u64 at = tail % EXITSTORM_RING_BYTES, part = EXITSTORM_RING_BYTES - at;

		if (part > head - tail)
			part = head - tail;
		err = decoder_feed(decoder, device.bytes + at, part);
		tail += part;
		__atomic_store_n(&device.ring->tail, tail, __ATOMIC_RELEASE);
	}
	return err ? err : some;
}

/* Feeds the decoder until the run is over or the user stops it: 0, -ECANCELED, or the sink's error.
 */
static int listen(struct decoder *decoder, const struct run_monitor *monitor)
{
	bool over = false;
	int some = 1;

	while (some > 0 || !over) {
		if (run_stopped(monitor))
			return -ECANCELED;
		over = __atomic_load_n(&device.ring->over, __ATOMIC_ACQUIRE);
		some = feed(decoder);
		if (some < 0)
			return some;
		if (!some && !over && ioctl(device.fd, EXITSTORM_WAIT) && errno != EINTR)
			return -errno;
	}
	return 0;
}

static int start(const struct plan *plan, const struct storm *storm, u16 repeat, char *why)
{
	struct wire_plan wire = {
		.size = sizeof(wire),
		.tables = wire_tables(),
		.cpus = runner_cpus(storm, plan),
		.storms = 1,
		.first_repeat = repeat,
		.repeats = 1,
		.plan = *plan,
		.storm = {storm - storms},
	};
	struct exitstorm_start command = {
		.size = sizeof(command),
		.version = EXITSTORM_VERSION,
		.plan = (u64)(uintptr_t)&wire,
		.plan_bytes = sizeof(wire),
		.seconds = SECONDS,
	};

	if (!ioctl(device.fd, EXITSTORM_START, &command))
		return 0;
	if (errno == ENXIO)
		snprintf(why, HV_WHY, "a CPU that the plan names is not online");
	else
		snprintf(why, HV_WHY, "the module does not begin the run: %s", strerror(errno));
	return -errno;
}

static int module_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		      const struct run_sink *sink, const struct run_monitor *monitor)
{
	struct decoder decoder;
	char why[HV_WHY];
	int err = module_available(plan, storm, why);

	if (!err && open_device()) {
		snprintf(why, sizeof(why), "%s", device.why);
		err = -EIO;
	}
	if (!err)
		err = start(plan, storm, repeat, why);
	if (err)
		return target_not_run(storm, repeat, sink, err, why);
	err = decoder_open(&decoder, sink);
	decoder.monitor = monitor;
	if (!err)
		err = listen(&decoder, monitor);
	ioctl(device.fd, EXITSTORM_STOP);
	if (!err && decoder_finish(&decoder, why)) {
		if (device.ring->over == EXITSTORM_OVER_ENDED)
			snprintf(why, sizeof(why),
				 "the machine has ended it: a CPU went offline, or it went to "
				 "sleep");
		err = target_not_run(storm, repeat, sink, -EIO, why);
	}
	decoder_close(&decoder);
	return err;
}

const struct target target_module = {
	.name = "module",
	.text = "raw VMX or SVM in this machine's kernel, by exitstorm.ko",
	.bit = TARGET_MODULE,
	.emulated = false,
	.samples = PLAN_SAMPLES,
	.probe = module_probe,
	.available = module_available,
	.describe = module_describe,
	.shape = image_shape,
	.site = module_site,
	.run = module_run,
};
