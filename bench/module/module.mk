# SPDX-License-Identifier: GPL-2.0-or-later
# exitstorm.ko. Included by the Makefile. KDIR: the headers, of another kernel than the running one.

KDIR ?= /lib/modules/$(shell uname -r)/build
KRELEASE = $(call once,KRELEASE,sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' $(KDIR)/include/generated/utsrelease.h 2>/dev/null)
MODULE = $(BUILD)/module/$(KRELEASE)
MODULE_SOURCES := $(wildcard trace/*.h trace/*.c trace/*.def hv/*.[ch] hv/*.def hv/vmx/* hv/svm/* hv/linux/* \
	bench/*.[ch] bench/*.def bench/storms/* bench/image/*.[chS] bench/image/sources.mk bench/module/*.[ch])

module: $(BUILD)/guest.bin ## build exitstorm.ko for the running kernel, or for that of KDIR=
	$(Q)test -e $(KDIR)/Makefile || { \
	echo "module: no kernel headers in $(KDIR) (Debian: apt install linux-headers-$$(uname -r))" >&2; exit 1; }
	$(Q)find $(MODULE) -xtype l -delete 2>/dev/null || true
	$(Q)for file in $(MODULE_SOURCES); do mkdir -p $(MODULE)/$$(dirname $$file) && \
	ln -sfn $(CURDIR)/$$file $(MODULE)/$$file; done
	$(Q)ln -sfn $(CURDIR)/bench/module/Kbuild $(MODULE)/Kbuild && ln -sfn $(CURDIR)/$< $(MODULE)/guest.bin
	+$(Q)$(MAKE) -C $(KDIR) M=$(CURDIR)/$(MODULE) $(MODULE_FLAGS) modules
	$(Q)echo "$(MODULE)/exitstorm.ko"

.PHONY: module
