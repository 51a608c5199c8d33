# SPDX-License-Identifier: GPL-2.0-or-later
#
# eBPF programs: trace/NAME.bpf.c becomes build/bpf/NAME.skel.h, the libbpf skeleton that
# trace/NAME*.c include as <NAME.skel.h>. Where this cannot be built all files that include a skeleton or
# libbpf are left out, and NAME_without.c replaces them. Included by the Makefile.

# Debian's bpftool is in /usr/sbin, which is not in a user's PATH. Ubuntu's is a script that fails where the
# tools of the running kernel are not installed.
BPFTOOL   := $(shell PATH=$$PATH:/usr/sbin:/sbin command -v bpftool)
BPF_CLANG ?= clang
HAVE_BPF  := $(shell [ -n "$(BPFTOOL)" ] && $(BPFTOOL) version >/dev/null 2>&1 && command -v $(BPF_CLANG) >/dev/null && \
	       pkg-config --exists libbpf 2>/dev/null && echo yes)
BPF_USERS := $(shell grep -l "<bpf/[a-z]*\.h>\|<.*\.skel\.h>" trace/*.c /dev/null | grep -v "\.bpf\.c")
BPF_LEFT_OUT := $(wildcard trace/*.bpf.c) $(if $(HAVE_BPF),$(wildcard trace/*_without.c),$(BPF_USERS))
BPF_PKG   := $(if $(HAVE_BPF),libbpf)

BPF_OUT   := build/bpf
# BTF of any kernel: the programs use only base types of it, all others are CO-RE flavours.
BTF       ?= /sys/kernel/btf/vmlinux
BPF_FLAGS = -std=gnu11 -O2 -g $(WARN) -Wno-unused-parameter -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -isystem $(BPF_OUT) \
	    $(addprefix -idirafter ,$(wildcard /usr/include/$(shell uname -m)-linux-gnu))

# Without BTF: base types from the kernel headers of the C library are enough.
$(BPF_OUT)/vmlinux.h: trace/bpf.mk
	$(Q)mkdir -p $(@D)
	$(Q)if [ -r $(BTF) ]; then $(BPFTOOL) btf dump file $(BTF) format c >$@; else \
	echo "  no BTF in $(BTF): eBPF programs are built with the types of <linux/bpf.h>"; \
	{ echo '#include <stdbool.h>'; echo '#include <stddef.h>'; echo '#include <linux/bpf.h>'; \
	for bits in 8 16 32 64; do echo "typedef __u$$bits u$$bits; typedef __s$$bits s$$bits;"; done; } >$@; fi

$(BPF_OUT)/%.bpf.o: trace/%.bpf.c $(BPF_OUT)/vmlinux.h
	$(Q)$(call say,BPF,$<)
	$(Q)$(BPF_CLANG) $(BPF_FLAGS) -MMD -MP -MT $@ -c -o $(@:.bpf.o=.full.o) $<
	$(Q)$(BPFTOOL) gen object $@ $(@:.bpf.o=.full.o)
$(BPF_OUT)/%.skel.h: $(BPF_OUT)/%.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf >$@

$(foreach user,$(if $(HAVE_BPF),$(BPF_USERS)),$(eval $(BUILD)/$(user:.c=.o): \
	$(shell sed -n 's/.*<\(.*\.skel\.h\)>.*/$(subst /,\/,$(BPF_OUT))\/\1/p' $(user))))
-include $(wildcard $(BPF_OUT)/*.d)
