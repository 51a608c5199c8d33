# SPDX-License-Identifier: GPL-2.0-or-later
# What image and module are both made of, beside the backends. Included by image.mk and by the module's Kbuild.
SHARED_SOURCES := hv/hv.c hv/machine.c hv/paging.c hv/slat.c hv/instruction.c hv/access.c hv/exit.c trace/record.c \
	trace/histogram.c bench/runner.c bench/batch.c bench/calibrate.c bench/fold.c bench/group.c bench/controls.c \
	bench/storms/table.c bench/storms/prepare.c bench/storms/fence.c bench/image/wire.c \
	bench/image/perform.c bench/image/sink.c bench/image/guest.S
