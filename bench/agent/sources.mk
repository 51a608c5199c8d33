# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one list of sources that also run without libc, on bare metal and in the kernel. Makefile, image.mk,
# the module's Kbuild and tests/architecture.t read it. $(ROOT) is the path of the tree, with a final /.

sources_in = $(sort $(patsubst $(ROOT)%,%,$(wildcard $(addprefix $(ROOT),$(1)))))

# The hypervisor without its backends.
HV_CORE := $(call sources_in,hv/*.c)
HV_VMX  := $(call sources_in,hv/vmx/*.c hv/vmx/*.S)
HV_SVM  := $(call sources_in,hv/svm/*.c hv/svm/*.S)
HV_INPLACE := $(call sources_in,hv/inplace/*.c)
HV_METAL := $(call sources_in,hv/metal/*.c hv/metal/*.S)
# With the runner, which runs one storm on one vCPU.
CORE := $(HV_CORE) trace/record.c trace/histogram.c trace/clock_check.c $(call sources_in,bench/runner/*.c bench/storms/*.c)
# With the agent, which receives a plan and sends results as frames: image and module, but for the backends.
AGENT := $(CORE) bench/wire/wire.c $(call sources_in,bench/agent/*.c) bench/guest/image.S
