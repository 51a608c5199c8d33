# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one list of what also runs without libc: on bare metal and in the kernel. Makefile, image.mk, the
# module's Kbuild and tests/architecture.t read it. $(ROOT) is where the tree lies, with a / at its end.

sources_in = $(sort $(patsubst $(ROOT)%,%,$(wildcard $(addprefix $(ROOT),$(1)))))

# The hypervisor as its callers see it.
HV_CORE := $(call sources_in,hv/*.c)
HV_VMX  := $(call sources_in,hv/vmx/*.c hv/vmx/*.S)
HV_SVM  := $(call sources_in,hv/svm/*.c hv/svm/*.S)
HV_METAL := $(call sources_in,hv/metal/*.c hv/metal/*.S)
# One storm on one vCPU.
CORE := $(HV_CORE) trace/record.c trace/histogram.c $(call sources_in,bench/runner/*.c bench/storms/*.c)
# What image and module are made of beside the backends: the core, and a plan that comes and results that go by frames.
AGENT := $(CORE) bench/wire/wire.c $(call sources_in,bench/agent/*.c) bench/guest/image.S
