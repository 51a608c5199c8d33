// SPDX-License-Identifier: GPL-2.0-or-later
/* Storms in this machine's kernel, by exitstorm.ko: raw VMX or SVM on the bare CPU. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../results/compose.h"
#include "../../results/tried.h"
#include "../wire/decode.h"
#include "../module/uapi.h"
#include "module_device.h"
#include "raw_target.h"

#define MAX_SECONDS 3600 /* per repeat of a storm; then the module ends it */

/* Opened by the first run and kept until this process ends, so that no other can use it between. */
static struct {
	int fd;	     /* 0: not open */
	int latency; /* /dev/cpu_dma_latency; -1: not open */
	struct exitstorm_info info;
	struct exitstorm_ring *ring;
	const u8 *bytes;
	char why[HV_WHY]; /* the reason why it cannot be used, or "" */
} device;

static int refuse(int err)
{
	if (err == ENOENT)
		snprintf(device.why, HV_WHY,
			 "exitstorm.ko is not loaded: there is no %s (make module, then as root "
			 "make module-install and modprobe exitstorm)",
			 EXITSTORM_DEVICE);
	else if (err == EACCES || err == EPERM)
		snprintf(device.why, HV_WHY, "%s can be opened by root only", EXITSTORM_DEVICE);
	else if (err == EBUSY)
		snprintf(device.why, HV_WHY, "%s is in use: one run at a time", EXITSTORM_DEVICE);
	else if (err == EINVAL)
		snprintf(device.why, HV_WHY,
			 "the loaded exitstorm.ko is from another build than this command: rmmod "
			 "exitstorm, make module, load it again");
	else
		snprintf(device.why, HV_WHY, "%s: %s", EXITSTORM_DEVICE, strerror(err));
	return -err;
}

/* Fills in device.info. 0, or errno; EINVAL: another build. */
static int read_info(int fd)
{
	device.info.size = sizeof(device.info);
	device.info.version = EXITSTORM_VERSION;
	if (ioctl(fd, EXITSTORM_INFO, &device.info))
		return errno == ENOTTY ? EINVAL : errno;
	return device.info.hello.tables == wire_tables() ? 0 : EINVAL;
}

/* Asks the module for the state of this machine. 0, or -errno and device.why. */
static int query(void)
{
	int fd = device.fd ? device.fd : open(EXITSTORM_DEVICE, O_RDWR | O_CLOEXEC);
	int err;

	*device.why = '\0';
	if (fd < 0)
		return refuse(errno);
	err = read_info(fd);
	if (!device.fd)
		close(fd);
	if (err)
		return refuse(err);
	snprintf(device.why, HV_WHY, "%s", device.info.why);
	return device.info.status;
}

/* While this file is open the kernel enters no idle state: leaving one would be measured too. */
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
	tried_notice_kernel();
	return 0;
}

static bool is_in_place(void)
{
	return !strcmp(device.info.hello.backend, "none");
}

static int module_probe(char *why)
{
	int err = query();

	snprintf(why, HV_WHY, "%s", device.why);
	if (err || !is_in_place())
		return err;
	snprintf(why, HV_WHY,
		 "the loaded exitstorm.ko runs storms in place, not on raw VMX or SVM (-t guest "
		 "--set "
		 "place=kernel)");
	return -EOPNOTSUPP;
}

int module_in_place(char *why)
{
	int err = query();

	snprintf(why, HV_WHY, "%s", device.why);
	if (err || is_in_place())
		return err;
	snprintf(why, HV_WHY, "the loaded exitstorm.ko runs storms on raw VMX or SVM");
	return -ENXIO;
}

const struct wire_hello *module_hello(void)
{
	return &device.info.hello;
}

/* The vendor of the CPU does not change, so one query is enough. */
static const char *backend_of(void)
{
	if (!*device.info.hello.backend)
		query();
	return strcmp(device.info.hello.backend, "svm") ? "vmx" : "svm";
}

static int module_available(const struct plan *plan, const struct storm *storm, char *why)
{
	u32 online = sysconf(_SC_NPROCESSORS_ONLN),
	    have = plan->cpu_count ? plan->cpu_count : online;

	const char *backend = backend_of();

	if (storm->needs & NEED_OTHER_CPU) {
		snprintf(why, HV_WHY,
			 "an INIT or SIPI would reset a CPU that the kernel uses (use -t bochs)");
		return -EOPNOTSUPP;
	}
	if (!strcmp(device.info.hello.hypervisor, "TCGTCGTCGTCG") && tcg_hangs(storm, why))
		return -EOPNOTSUPP;
	if (plan->setting[SETTING_IRQS] == IRQS_ON && !device.info.irqs_on) {
		snprintf(why, HV_WHY,
			 "irqs=on keeps VMX on between batches, which needs cr4_update_irqsoff(); "
			 "this kernel does not export it");
		return -EOPNOTSUPP;
	}
	if (runner_vcpus(storm, plan) > have) {
		snprintf(why, HV_WHY, "needs a CPU for each of its %u vCPUs, the run has %u",
			 runner_vcpus(storm, plan), have);
		return -EOPNOTSUPP;
	}
	return raw_available(plan, storm, strcmp(backend, "svm") ? HV_VENDOR_INTEL : HV_VENDOR_AMD,
			     why);
}

static json_t *module_describe(const struct plan *plan)
{
	const struct wire_hello *hello = &device.info.hello;
	u32 clock = hello->clock.kind;

	return compose_pack("{s:s, s:s, s:b, s:s, s:i, s:i, s:n, s:n, s:s}", "name",
			    target_module.name, "backend", backend_of(), "emulated",
			    clock != CLOCK_TSC, "clock", raw_clock_name(clock), "clock_granularity",
			    (int)hello->clock.step, "guest_cpl",
			    plan->setting[SETTING_CPL] == CPL_3 ? 3 : 0, "guest_native", "nesting",
			    "raw_space", backend_of());
}

static const char *module_site(const struct plan *plan, const struct storm *storm, enum leg leg)
{
	(void)plan;
	(void)storm;
	return raw_site(backend_of(), leg);
}

/* Feeds new bytes of the ring to the decoder. 1: there were some, 0: none, -errno: the sink's. */
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

/* Reads until the run is over or stopped. 0, -ECANCELED, or the sink's error. */
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

static int start(const struct wire_plan *wire, char *why)
{
	struct exitstorm_start command = {
		.size = sizeof(command),
		.version = EXITSTORM_VERSION,
		.plan = (u64)(uintptr_t)wire,
		.plan_bytes = sizeof(*wire),
		.seconds = MAX_SECONDS,
	};

	if (!ioctl(device.fd, EXITSTORM_START, &command))
		return 0;
	if (errno == ENXIO)
		snprintf(why, HV_WHY, "a CPU that the plan names is not online");
	else
		snprintf(why, HV_WHY, "the module does not start the run: %s", strerror(errno));
	return -errno;
}

/* The report is incomplete: that is this storm's failure, or the whole run's. */
static int report_end(const struct decoder *decoder, const struct storm *storm, u16 repeat,
		      const struct run_sink *sink, char *why)
{
	if (decoder->ended && decoder->end.status == -EHWPOISON) {
		if (sink->error)
			sink->error(sink->arg, why);
		return -EHWPOISON;
	}
	if (device.ring->over == EXITSTORM_OVER_ENDED)
		snprintf(why, HV_WHY,
			 "the run was ended because a CPU went offline or the machine was "
			 "suspended");
	return target_not_run(storm, repeat, sink, -EIO, why);
}

int module_storm(const struct plan *plan, const struct storm *storm, u16 repeat,
		 const struct run_sink *sink, const struct run_monitor *monitor)
{
	const struct wire_plan wire = {
		.size = sizeof(wire),
		.tables = wire_tables(),
		.cpus = runner_cpus(storm, plan),
		.storms = 1,
		.first_repeat = repeat,
		.repeats = 1,
		.plan = *plan,
		.storm = {storm - storms},
	};
	struct decoder decoder;
	char why[HV_WHY];
	int err = open_device();

	if (err) {
		snprintf(why, sizeof(why), "%s", device.why);
		err = -EIO;
	}
	if (!err)
		err = start(&wire, why);
	if (err)
		return target_not_run(storm, repeat, sink, err, why);
	err = decoder_open(&decoder, sink);
	if (!err) {
		decoder_expect(&decoder, &wire);
		decoder.monitor = monitor;
		err = listen(&decoder, monitor);
	}
	ioctl(device.fd, EXITSTORM_STOP);
	if (!err && decoder_finish(&decoder, why))
		err = report_end(&decoder, storm, repeat, sink, why);
	decoder_close(&decoder);
	return err;
}

static int module_run(const struct plan *plan, const struct storm *storm, u16 repeat,
		      const struct run_sink *sink, const struct run_monitor *monitor)
{
	char why[HV_WHY];
	int err = module_available(plan, storm, why);

	return err ? target_not_run(storm, repeat, sink, err, why)
		   : module_storm(plan, storm, repeat, sink, monitor);
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
	.shape = raw_shape,
	.site = module_site,
	.run = module_run,
};
