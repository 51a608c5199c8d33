# SPDX-License-Identifier: GPL-2.0-or-later
# Images that boot on bare metal, and the boot ROM for emulators. Included by the Makefile.

IMAGE_CFLAGS = -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -mgeneral-regs-only \
	-mno-red-zone -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -fno-strict-aliasing -MMD -MP
IMAGE_LDFLAGS = -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
	-Wl,--no-warn-rwx-segments -Wl,-T,bench/image/link.ld
METAL_OBJECTS = $(patsubst %,build/image/%.o,$(wildcard hv/metal/*.c hv/metal/*.S))
VMX_OBJECTS = $(patsubst %,build/image/%.o,$(wildcard hv/vmx/*.c hv/vmx/*.S))

build/image/%.c.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(IMAGE_CFLAGS) -c $< -o $@

build/image/%.S.o: %.S
	@mkdir -p $(@D)
	$(Q)$(CC) $(IMAGE_CFLAGS) -Wa,-Ibuild -c $< -o $@

build/image/rom.bin: bench/image/rom.S bench/image/rom.ld bench/image/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -c $< -o build/image/rom.o
	$(Q)$(LD) -m elf_i386 -T bench/image/rom.ld build/image/rom.o -o build/image/rom.elf
	$(Q)objcopy -O binary build/image/rom.elf $@

# Bochs wants a VGA BIOS: an option ROM of 512 bytes whose checksum is right and that is never run.
build/image/vga.bin:
	@mkdir -p $(@D)
	$(Q)printf '\125\252\001' >$@ && truncate -s 512 $@

build/image/%.bin: build/image/%.elf
	$(Q)objcopy -O binary $< $@

# The image that runs storms: hv with the vmx backend, the runner, the guest image within it.
IMAGE_BENCH := $(patsubst %,build/image/%.o,hv/hv.c hv/machine.c hv/paging.c hv/exit.c trace/record.c \
	trace/histogram.c bench/runner.c bench/batch.c bench/calibrate.c bench/fold.c bench/group.c \
	bench/storms/table.c bench/storms/prepare.c bench/storms/fence.c bench/image/wire.c \
	bench/image/main.c bench/image/sink.c bench/image/guest.S)
build/image/bench/image/guest.S.o: build/guest.bin
build/image/exitstorm.elf: $(IMAGE_BENCH) $(VMX_OBJECTS) $(METAL_OBJECTS) bench/image/link.ld
	$(Q)$(CC) $(IMAGE_LDFLAGS) $(filter %.o,$^) -o $@

# The test images: tests/beds/X.c, with what it needs of its own in X.S.
BED_IMAGES = build/image/vmx_intrin.bin
build/image/vmx_intrin.elf: build/image/tests/beds/vmx_intrin.c.o build/image/tests/beds/vmx_intrin.S.o \
		$(METAL_OBJECTS) bench/image/link.ld
	$(Q)$(CC) $(IMAGE_LDFLAGS) $(filter %.o,$^) -o $@

image: build/image/rom.bin build/image/vga.bin build/image/exitstorm.bin $(BED_IMAGES) ## build the images for bare metal and emulators

.PHONY: image
-include $(shell find build/image -name '*.d' 2>/dev/null)
