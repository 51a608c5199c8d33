# SPDX-License-Identifier: GPL-2.0-or-later
# Images that boot on bare metal, and the boot ROM for emulators. Included by the Makefile.

IMAGE_CFLAGS = -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -mgeneral-regs-only \
	-mno-red-zone -fno-pic -fno-pie -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -fno-strict-aliasing -MMD -MP
IMAGE_LDFLAGS = -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
	-Wl,--no-warn-rwx-segments -Wl,-T,bench/image/link.ld
image_objects = $(patsubst %,$(BUILD)/image/%.o,$(1))

$(BUILD)/image/%.c.o: %.c
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(IMAGE_CFLAGS) -c $< -o $@

$(BUILD)/image/%.S.o: %.S
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(IMAGE_CFLAGS) -Wa,-I$(BUILD) -c $< -o $@

$(BUILD)/image/rom_locked.o: ROM_FLAGS = -DROM_LOCKS_VMX_OFF
$(BUILD)/image/rom_x2apic.o: ROM_FLAGS = -DROM_SETS_X2APIC
ROM_TESTS = $(addprefix $(BUILD)/image/rom_,locked.bin x2apic.bin)
$(BUILD)/image/rom.o $(ROM_TESTS:.bin=.o): bench/image/rom.S bench/image/layout.h
	@mkdir -p $(@D)
	$(Q)$(GUEST_CC) $(ROM_FLAGS) -m32 -c $< -o $@
$(BUILD)/image/rom.bin $(ROM_TESTS): %.bin: %.o bench/image/rom.ld
	$(Q)$(LD) -m elf_i386 -T bench/image/rom.ld $< -o $(@:.bin=.elf)
	$(Q)objcopy -O binary $(@:.bin=.elf) $@

# Bochs requires a VGA BIOS: an option ROM of 512 bytes with a valid checksum, which never runs.
$(BUILD)/image/vga.bin:
	@mkdir -p $(@D)
	$(Q)printf '\125\252\001' >$@ && truncate -s 512 $@

$(BUILD)/image/%.bin: $(BUILD)/image/%.elf
	$(Q)objcopy -O binary $< $@

# The image that runs storms: hv with both backends, the runner, the guest image within it.
$(BUILD)/image/bench/guest/image.S.o: $(BUILD)/guest.bin
IMAGE_OBJ = $(call image_objects,$(AGENT) bench/image/main.c bench/image/platform.c bench/image/watchdog.c $(HV_VMX) $(HV_SVM) $(HV_INPLACE) $(HV_METAL))
$(BUILD)/image/exitstorm.elf: $(IMAGE_OBJ) bench/image/link.ld $(BUILD)/.sources
	$(Q)$(GUEST_CC) $(IMAGE_LDFLAGS) $(filter %.o,$^) -o $@

# The command contains the files that it boots in emulators.
$(BUILD)/bench/targets/image_files.o: $(addprefix $(BUILD)/image/,exitstorm.bin rom.bin)

# The test images: tests/beds/X.c and X.S.
BED_IMAGES = $(addprefix $(BUILD)/image/,vmx_intrin.bin vmx_entry.bin vmx_init.bin vmx_pause.bin svm_entry.bin metal_panic.bin metal_machine.bin)
BED_HV := $(HV_CORE) bench/guest/image.S
$(BUILD)/image/vmx_intrin.elf: $(call image_objects,tests/beds/vmx_intrin.S)
$(BUILD)/image/vmx_entry.elf $(BUILD)/image/vmx_init.elf $(BUILD)/image/vmx_pause.elf: $(call image_objects,$(BED_HV) $(HV_VMX))
$(BUILD)/image/svm_entry.elf: $(call image_objects,$(BED_HV) $(HV_SVM))
$(BUILD)/image/metal_panic.elf $(BUILD)/image/metal_machine.elf: $(call image_objects,$(BED_HV) $(HV_VMX) $(HV_SVM))
$(BED_IMAGES:.bin=.elf): $(BUILD)/image/%.elf: $(BUILD)/image/tests/beds/%.c.o $(call image_objects,$(HV_METAL)) \
		bench/image/link.ld $(BUILD)/.sources
	$(Q)$(GUEST_CC) $(IMAGE_LDFLAGS) $(filter %.o,$^) -o $@

# Counts instructions of the image's code, executed in a process.
$(BUILD)/tests/beds/svm_steps: $(BUILD)/tests/beds/svm_steps.o
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $<

image: $(BUILD)/image/rom.bin $(ROM_TESTS) $(BUILD)/image/vga.bin $(BUILD)/image/exitstorm.bin $(BED_IMAGES) $(BUILD)/tests/beds/svm_steps ## build the images for bare metal and emulators

.PHONY: image
-include $(shell find $(BUILD)/image -name '*.d' 2>/dev/null)
