# SPDX-License-Identifier: GPL-2.0-or-later
# exitstorm.ko. Included by the Makefile. KDIR: headers of the kernel to build for, default the running one.

KDIR ?= /lib/modules/$(shell uname -r)/build
KRELEASE = $(call once,KRELEASE,sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h 2>/dev/null)
MODULE = $(BUILD)/module/$(KRELEASE)
MODULE_SOURCES := $(wildcard trace/*.h trace/*.c trace/*.def hv/*.[ch] hv/*.def hv/vmx/* hv/svm/* hv/inplace/* hv/linux/* \
	$(foreach folder,plan storms runner wire agent,bench/$(folder)/*) bench/guest/*.h bench/guest/image.S \
	bench/module/*.[ch]) bench/module/exports.mk
# Without BTF of the module, which needs the kernel's pahole and is not used. KERNEL_RUN: a command that runs Kbuild.
KERNEL_MAKE = $(KERNEL_RUN) $(MAKE) -C $(KDIR) CONFIG_DEBUG_INFO_BTF_MODULES= 'PAHOLE_VERSION=$$(CONFIG_PAHOLE_VERSION)'
# DKMS builds from this folder, for each kernel that is installed later.
DKMS := $(DESTDIR)/usr/src/exitstorm-$(VERSION)

# The line of kernels is in the list of those that it was tried on.
TRIED = grep -q '^KERNEL($(word 1,$(subst ., ,$(KRELEASE))), $(word 2,$(subst ., ,$(KRELEASE))),' hv/linux/kernels.def

module: $(BUILD)/guest.bin ## build exitstorm.ko for the running kernel, or for that of KDIR=
	$(Q)test -e $(KDIR)/Makefile || { \
	echo "module: no kernel headers in $(KDIR) (Debian: apt install linux-headers-$$(uname -r))" >&2; exit 1; }
	$(Q)$(TRIED) || echo "module: not tried on Linux $(KRELEASE): the compiler and the load decide"
	$(Q)find $(MODULE) -xtype l -delete 2>/dev/null || true
	$(Q)$(call stage,$(CURDIR)/$(MODULE),ln -sfn)
	$(Q)test $(MODULE)/bench/guest/image.o -nt $< || rm -f $(MODULE)/bench/guest/image.o # Kbuild cannot see it
	+$(Q)$(KERNEL_MAKE) M=$(CURDIR)/$(MODULE) $(MODULE_FLAGS) modules
	$(Q)echo "$(MODULE)/exitstorm.ko"

# Makes the tree for Kbuild in $(1), of links or copies ($(2)).
stage = for file in $(MODULE_SOURCES); do mkdir -p $(1)/$$(dirname $$file) && \
	$(2) $(CURDIR)/$$file $(1)/$$file || exit 1; done; \
	$(2) $(CURDIR)/bench/module/Kbuild $(1)/Kbuild && $(2) $(CURDIR)/$(BUILD)/guest.bin $(1)/guest.bin

# The guest image is installed as it is: it must be the same as the command's. DKMS builds for kernels of the list only.
module-install: $(BUILD)/guest.bin ## as root: install exitstorm.ko, by DKMS where it is there
	$(Q)if [ -n "$(DESTDIR)" ] || { command -v dkms >/dev/null && $(TRIED); }; then \
	rm -rf $(DKMS) && $(call stage,$(DKMS),install -m 644) && \
	sed 's/@VERSION@/$(VERSION)/' bench/module/dkms.conf >$(DKMS)/dkms.conf || exit 1; \
	[ -n "$(DESTDIR)" ] || { dkms remove exitstorm/$(VERSION) --all >/dev/null 2>&1; dkms install exitstorm/$(VERSION); }; \
	else $(MAKE) module && $(KERNEL_MAKE) M=$(CURDIR)/$(MODULE) modules_install && depmod $(KRELEASE); fi

module-uninstall: ## as root: remove what module-install put there
	$(Q)if command -v dkms >/dev/null && [ -z "$(DESTDIR)" ]; then dkms remove exitstorm/$(VERSION) --all; fi; rm -rf $(DKMS)
	$(Q)[ -n "$(DESTDIR)" ] || { rm -f /lib/modules/$(KRELEASE)/*/exitstorm.ko* && depmod $(KRELEASE); }

# For the beds: CPU state before and after exitstorm.ko (state.ko), random ioctls (fuzz), an open device (hold),
# a process' registers during a run (registers), a guest that hangs (hang.ko), lengths of legs by the disassembly.
BED_PROGRAMS := $(addprefix $(BUILD)/tests/beds/linux/,crash_kernel fuzz hold registers rounds)
module-tests: module $(BED_PROGRAMS) $(BUILD)/image/exitstorm.elf
	$(Q)mkdir -p $(MODULE)/state && ln -sfn $(CURDIR)/tests/beds/linux/state/* $(MODULE)/state/
	+$(Q)$(KERNEL_MAKE) M=$(CURDIR)/$(MODULE)/state $(MODULE_FLAGS) modules
	$(Q)tests/module/hang $(MODULE)/exitstorm.ko $(BUILD)/guest.elf $(BUILD)/guest.bin >$(MODULE)/hang.ko
	$(Q)tests/module/legs $(BUILD)/image/exitstorm.elf $(BUILD)/guest.elf >$(MODULE)/image.legs
	$(Q)tests/module/legs $(MODULE)/exitstorm.ko $(BUILD)/guest.elf >$(MODULE)/module.legs

# As for a kernel that exports none of the functions that the module can do without (exports.mk).
module-cr4:
	+$(Q)$(MAKE) module MODULE=$(MODULE)/cr4 MODULE_FLAGS=EXITSTORM_EXPORTS=

# As for a kernel whose objtool looks at each file, and whose warnings are errors.
module-files:
	+$(Q)$(MAKE) module MODULE=$(MODULE)/files MODULE_FLAGS="CONFIG_X86_KERNEL_IBT= CONFIG_OBJTOOL_WERROR=y"

$(BED_PROGRAMS): $(BUILD)/tests/beds/linux/%: $(BUILD)/tests/beds/linux/%.o $(LIB)
	$(Q)$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(ASAN) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm -lpthread

# For every kernel that tests/module/headers finds, or only for those of the beds of `make check`.
module-all: $(BUILD)/guest.bin $(BED_PROGRAMS) $(BUILD)/image/exitstorm.elf ## build it for all kernels of Debian 12, 13 and testing
	+$(Q)tests/module/all
module-beds: $(BUILD)/guest.bin $(BED_PROGRAMS) $(BUILD)/image/exitstorm.elf
	+$(Q)tests/module/all 6.1 6.12 newest

.PHONY: module module-install module-uninstall module-tests module-cr4 module-files module-all module-beds
