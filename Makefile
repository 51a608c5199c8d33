# SPDX-License-Identifier: GPL-2.0-or-later
#
# `make help` says what there is. Sources are found by wildcard; objects mirror their paths under
# build/. V=1 shows commands, CC=clang takes another compiler, SAN=1 builds with ASan and UBSan into
# build/san, SETUP=no installs nothing.

VERSION := 0.1.0
PREFIX  ?= /usr/local
ifeq ($(origin CC),default)
CC := gcc
endif
BUILD := build$(if $(SAN),/san)
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))
Q     := $(if $(V),,@)
MAKEFLAGS += --no-print-directory
export SETUP V

comma  := ,
WARN   := -Wall -Wextra -Werror
# CFLAGS, CPPFLAGS and LDFLAGS may come from the environment or the command line, as distributions set
# them. They are for the command and its tests: the guest, the images, the module and the loop between the
# stamps are made of fixed flags, so that runs can be compared whoever built the command.
CFLAGS   ?= -O2 -g -fstack-protector-strong -fPIE $(if $(ASAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
LDFLAGS  ?= -pie -Wl,-z,relro -Wl,-z,now
STD      := -std=gnu11 $(WARN) -Wformat-security -D_GNU_SOURCE
FIXED    := $(STD) -O2 -g $(EXTRA_CFLAGS)
FLAGS     = $(STD) $(CPPFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
# -O1: a third less to compile.
ASAN   := $(if $(SAN),-O1 -fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
# The core runs in a kernel and on bare metal too: no vector registers, no libc.
FREE   := -ffreestanding -mgeneral-regs-only
# The guest has neither a loader nor an unwinder, and its storm loops must stay as written.
GUEST  := $(FREE) -fno-stack-protector -fno-pic -mno-red-zone -fcf-protection=none \
	  -fno-asynchronous-unwind-tables -fno-tree-vectorize
# Compilers make different loops, and an interpreted guest pays for each instruction: so that runs
# can be compared, the guest is gcc's wherever there is one.
GUEST_CC := $(if $(shell command -v gcc),gcc,$(CC))
GUEST_LINK := -nostdlib -static -Wl,--build-id=none -z noexecstack -T bench/guest/guest.ld

# libperf: packaged, or what set-up has built. Without it nothing can be counted, and all else works.
PC := PKG_CONFIG_PATH=build/libperf/lib/pkgconfig:$$PKG_CONFIG_PATH pkg-config
LIBPERF := $(shell $(PC) --exists libperf 2>/dev/null && echo libperf)

# Asked once, and only by what needs it: on a bare machine set-up comes first.
once = $(eval $(1) := $$(shell $(2)))$($(1))
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(PC) --cflags jansson gsl libmd sqlite3 $(LIBPERF) $(BPF_PKG))
PKG_LIBS   = $(call once,PKG_LIBS,$(PC) --libs jansson gsl libmd sqlite3 $(LIBPERF) $(BPF_PKG))

# Before SRC: what is left out where eBPF programs cannot be built.
.DEFAULT_GOAL := all
include trace/bpf.mk

include bench/agent/sources.mk
# Of bench/agent, bench/guest, bench/image and bench/module the command has nothing but the guest image.
ROOMS := trace hv hv/kvm hv/process hv/user results $(patsubst %/,%,$(wildcard analysis/*/)) \
	 $(addprefix bench/,plan storms runner wire machine targets session tracer campaign cli)
SRC   := $(filter-out $(BPF_LEFT_OUT) trace/counters$(if $(LIBPERF),_none).c, \
	   $(wildcard $(ROOMS:%=%/*.c) $(ROOMS:%=%/*.S))) bench/guest/image.S \
	   hv/vmx/names.c hv/vmx/controls.c $(wildcard hv/vmx/check*.c) hv/svm/names.c hv/svm/check.c
OBJ   := $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(SRC))))
GUEST_SRC := $(wildcard bench/guest/guest*.S bench/guest/guest*.c)
GUEST_OBJ := $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(GUEST_SRC))))
CORE_OBJ  := $(CORE:%.c=$(BUILD)/core/%.o)
# Tests in C: of parts, and of hv with guests of their own (tests/guest, with their *.S).
# What has no main() of its own is linked into all of its folder.
TEST_C := $(shell grep -l '^int main\b' $(wildcard tests/unit/*.c tests/guest/*.c) /dev/null)
UNIT  := $(TEST_C:%.c=$(BUILD)/%)
test_help = $(addprefix $(BUILD)/,$(addsuffix .o,$(basename \
	    $(filter-out $(TEST_C),$(wildcard tests/$(1)/*.c tests/$(1)/*.S)))))
# Tests with a line "# long: REASON" near the top are for check-long.
LONG_TESTS := $(shell grep -l '^\# long: ' $(wildcard tests/*.t tests/*/*.t) /dev/null)
SHELL_TESTS := $(filter-out $(LONG_TESTS),$(wildcard tests/*.t tests/*/*.t))
NAMES_COMMIT := $(shell grep -l EXITSTORM_COMMIT $(filter %.c,$(SRC)) /dev/null)
# Programs that the tests of traces run: small VMs, and a command without bpf(2).
TRACE_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/trace/*.c))
# Failing calls and allocations, put into the command by tests/faults.
FAULT_PROGRAMS := $(addprefix $(BUILD)/tests/faults/,inject faults.so)
# System calls that take longer, for tests/ab.
AB_PROGRAMS := $(BUILD)/tests/ab/slower.so
PERF  := $(addprefix $(BUILD)/tests/perf/,bare_loop cost)
TRUTH := $(BUILD)/tests/truth/truth
MAIN  := $(BUILD)/bench/cli/main.o
LIB   := $(BUILD)/libexitstorm.a
BIN   := $(BUILD)/exitstorm

all: $(BIN) ## build the command, build/exitstorm

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(filter Makefile %.mk,$(MAKEFILE_LIST)) | expand -t 24

setup: ## install what building, measuring and testing need
	$(Q)sh bench/setup/setup.sh check

bench: build/.setup-bench ## set up, build, measure this machine, print tables, draw figures
	+$(Q)$(MAKE) $(PARALLEL) all
	$(Q)sh bench/setup/suite.sh $(BIN)

check: build/.setup-check ## set up, build, run all tests
	+$(Q)$(MAKE) $(PARALLEL) all unit core image
	+$(Q)$(MAKE) $(PARALLEL) SAN=1 unit
	+$(Q)$(MAKE) module-beds
	$(Q)EXITSTORM=$(BIN) tests/run $(UNIT) $(UNIT:$(BUILD)/%=$(BUILD)/san/%) $(SHELL_TESTS)

# CHECK_LONG_BUDGET: only as many of them as fit into so many seconds, see tests/long.
check-long: build/.setup-check ## set up, build, run the tests that take too long for check
	+$(Q)$(MAKE) $(PARALLEL) all unit core image
	+$(Q)$(MAKE) module-beds
	$(Q)EXITSTORM=$(BIN) tests/long $(if $(CHECK_LONG_BUDGET),--budget $(CHECK_LONG_BUDGET)) $(LONG_TESTS)

# Reports are files, because a test may expect the status 1 of a command that ends by one.
SAN_REPORT = $(CURDIR)/build/san/report
check-san: build/.setup-check ## run the tests of the command on a build with ASan and UBSan
	+$(Q)$(MAKE) $(PARALLEL) SAN=1 all unit
	$(Q)rm -f $(SAN_REPORT).*
	$(Q)ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:log_path=$(SAN_REPORT) \
	UBSAN_OPTIONS=print_stacktrace=1:log_path=$(SAN_REPORT) EXITSTORM=build/san/exitstorm \
	tests/run $(filter-out $(LONG_TESTS),$(wildcard tests/cli/*.t)); status=$$?; \
	! cat $(SAN_REPORT).* 2>/dev/null && exit $$status

unit: $(UNIT) $(TRACE_PROGRAMS) $(FAULT_PROGRAMS) $(AB_PROGRAMS) ## build the tests that are in C
core: $(CORE_OBJ) ## compile the freestanding parts as such

build/.setup-%: bench/setup/setup.sh bench/setup/libperf.sh
	$(Q)sh bench/setup/setup.sh $*
	$(Q)mkdir -p build && if [ "$(SETUP)" != no ]; then touch $@; fi

# Linking and compiling

$(BIN): $(MAIN) $(LIB)
	$(Q)$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(ASAN) $(LDFLAGS) -o $@ $(MAIN) $(LIB) $(PKG_LIBS) -lm -lpthread

$(LIB): $(filter-out $(MAIN),$(OBJ)) $(BUILD)/.sources
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)

$(filter $(BUILD)/tests/guest/%,$(UNIT)): $(call test_help,guest)
$(filter $(BUILD)/tests/unit/%,$(UNIT)): $(call test_help,unit)
# hv/svm, on a CPU that the test makes up.
FAKE_SVM := $(patsubst hv/svm/%.c,$(BUILD)/tests/unit/svm/%.o,$(filter-out hv/svm/names.c hv/svm/check.c,$(wildcard hv/svm/*.c)))
$(patsubst %,$(BUILD)/tests/unit/test_svm_%,vcpu feature exit event): $(FAKE_SVM)
$(FAKE_SVM): $(BUILD)/tests/unit/svm/%.o: hv/svm/%.c $(BUILD)/.flags
	$(Q)$(call compile) $(ASAN) -include tests/unit/fake_cpu.h -c -o $@ $<
# hv/vmx as it is: the test handles the signals of privileged instructions.
FAKE_VMX := $(patsubst %,$(BUILD)/tests/unit/vmx/%.o,access event exit flush setup)
$(BUILD)/tests/unit/test_vmx_event: $(FAKE_VMX)
$(FAKE_VMX): $(BUILD)/tests/unit/vmx/%.o: hv/vmx/%.c $(BUILD)/.flags
	$(Q)$(call compile) $(ASAN) -c -o $@ $<
# The files of hv/vmx that enter and leave VMX operation, on a CPU that the test makes up.
FAKE_VMX_ENABLE := $(patsubst %,$(BUILD)/tests/unit/vmx_enable/%.o,enable capabilities arm)
$(BUILD)/tests/unit/test_vmx_enable: $(FAKE_VMX_ENABLE)
$(FAKE_VMX_ENABLE): $(BUILD)/tests/unit/vmx_enable/%.o: hv/vmx/%.c $(BUILD)/.flags
	$(Q)$(call compile) $(ASAN) -include tests/unit/fake_vmx_cpu.h -c -o $@ $<
# Parts of hv/metal that need no privilege.
FAKE_METAL := $(patsubst %,$(BUILD)/tests/unit/metal/%.o,acpi interrupt multiboot)
$(BUILD)/tests/unit/test_acpi: $(BUILD)/tests/unit/metal/acpi.o
$(BUILD)/tests/unit/test_multiboot: $(BUILD)/tests/unit/metal/multiboot.o
$(BUILD)/tests/unit/test_metal_interrupt: $(BUILD)/tests/unit/metal/interrupt.o
$(FAKE_METAL): $(BUILD)/tests/unit/metal/%.o: hv/metal/%.c $(BUILD)/.flags
	$(Q)$(call compile) $(ASAN) -c -o $@ $<
# cmocka 2 deprecates assert_in_range, in whose place cmocka 1 has nothing.
$(UNIT:%=%.o): DEFINES = -Wno-deprecated-declarations
# Functions of the machine that these tests replace.
$(filter $(BUILD)/tests/unit/test_runner%,$(UNIT)): INSTEAD = -Wl,--wrap=host_context_switches,--wrap=host_counters
$(BUILD)/tests/unit/test_budget: INSTEAD = -Wl,--wrap=clock_gettime
$(BUILD)/tests/unit/test_counters: INSTEAD = $(if $(LIBPERF),-Wl$(comma)--wrap=perf_evsel__read)
$(UNIT): %: %.o $(LIB)
	$(Q)$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(ASAN) $(LDFLAGS) $(INSTEAD) -o $@ $(filter-out $(LIB),$^) $(LIB) -lcmocka $(PKG_LIBS) -lm -lpthread

# compile[,COMPILER]: with a compiler, by fixed flags
compile = $(call say,CC,$<) && mkdir -p $(@D) && $(if $(1),$(1) $(FIXED),$(CC) $(FLAGS)) -MMD -MP

# Only what names the commit is rebuilt with each.
$(addprefix $(BUILD)/,$(NAMES_COMMIT:.c=.o)): $(BUILD)/.commit
$(addprefix $(BUILD)/,$(NAMES_COMMIT:.c=.o)): DEFINES = \
	-DEXITSTORM_VERSION='"$(VERSION)"' -DEXITSTORM_COMMIT='"$(file <$(BUILD)/.commit)"'

$(BUILD)/%.o: %.c $(BUILD)/.flags
	$(Q)$(call compile) $(ASAN) $(PKG_CFLAGS) $(if $(HAVE_BPF),-isystem $(BPF_OUT)) $(DEFINES) -c -o $@ $<
$(BUILD)/%.o: %.S $(BUILD)/.flags
	$(Q)$(call compile) -Wa,-I$(BUILD) -c -o $@ $<
$(BUILD)/core/%.o: %.c $(BUILD)/.flags
	$(Q)$(call compile,$(CC)) $(FREE) -c -o $@ $<

# The loop between the stamps, whose instructions tests count.
$(BUILD)/hv/kvm/run.o: DEFINES = -O2 -fno-stack-protector

# The guest image

$(filter %.o,$(GUEST_OBJ)): $(BUILD)/%.o: $(BUILD)/.flags
$(patsubst %.c,$(BUILD)/%.o,$(filter %.c,$(GUEST_SRC))): $(BUILD)/%.o: %.c
	$(Q)$(call compile,$(GUEST_CC)) $(GUEST) -c -o $@ $<
$(patsubst %.S,$(BUILD)/%.o,$(filter %.S,$(GUEST_SRC))): $(BUILD)/%.o: %.S
	$(Q)$(call compile,$(GUEST_CC)) -Wa,-I$(BUILD) -c -o $@ $<
$(BUILD)/guest.elf: $(GUEST_OBJ) bench/guest/guest.ld
	$(Q)$(call say,LINK,$@)
	$(Q)$(GUEST_CC) $(GUEST_LINK) -o $@ $(GUEST_OBJ)
$(BUILD)/guest.bin: $(BUILD)/guest.elf
	$(Q)objcopy -O binary $< $@
$(BUILD)/bench/guest/image.o: $(BUILD)/guest.bin
$(BUILD)/analysis/plot/figures.o: $(wildcard analysis/figures/*.gp)
$(BUILD)/analysis/store/schema.o: analysis/store/schema.sql
$(BUILD)/analysis/report/assets.o: $(addprefix analysis/report/report.,css js)

# Files that change only when what they hold does. (git tells root nothing of a user's clone: then
# `sudo make install` keeps the commit that was built.)
keep = mkdir -p $(@D) && echo "$(1)" | cmp -s - $@ || echo "$(1)" >$@
$(BUILD)/.flags: FORCE
	$(Q)$(call keep,$(subst ",,$(CC) $(FLAGS) $(LDFLAGS) $(ASAN) $(GUEST_CC) $(FIXED) $(GUEST)))
# A source that is new: .SECONDARY has make look past an object that is not there yet.
$(BUILD)/.sources: FORCE
	$(Q)$(call keep,$(SRC) $(AGENT) $(HV_METAL) $(HV_VMX) $(HV_SVM) $(HV_INPLACE))
$(BUILD)/.commit: FORCE
	$(Q)commit=$$(git describe --always --dirty --match= 2>/dev/null || cat $@ 2>/dev/null || \
	echo unknown); \
	$(call keep,$$commit)

say = printf '  %-5s %s\n' $(1) $(2)

include bench/image/image.mk
include bench/module/module.mk

# Installing

COMPLETION := bench/cli/completion.bash
MAN := bench/cli/exitstorm.1.scd
SHARE := $(DESTDIR)$(PREFIX)/share

# The first line of a page with tables tells man(1) to run tbl(1).
install: all ## into PREFIX (/usr/local): the command, its man page, bash completion
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/exitstorm
	install -D -m 644 $(COMPLETION) $(SHARE)/bash-completion/completions/exitstorm
	install -D -m 644 hv/vmx/intrin.h $(DESTDIR)$(PREFIX)/include/exitstorm/vmx_intrin.h
	@if ! command -v scdoc >/dev/null; then echo "no scdoc here: no man page installed"; else \
	bench/cli/man.sh $(BIN) <$(MAN) >$(BUILD)/exitstorm.1.scd && \
	{ printf '%s\n' "'\\\" t" && scdoc <$(BUILD)/exitstorm.1.scd; } >$(BUILD)/exitstorm.1 && set -x && \
	scdoc <hv/vmx/vmx_intrin.3.scd >$(BUILD)/vmx_intrin.3 && \
	install -D -m 644 $(BUILD)/exitstorm.1 $(SHARE)/man/man1/exitstorm.1 && \
	install -D -m 644 $(BUILD)/vmx_intrin.3 $(SHARE)/man/man3/vmx_intrin.3; fi

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/exitstorm $(SHARE)/man/man1/exitstorm.1 \
	      $(SHARE)/man/man3/vmx_intrin.3 $(DESTDIR)$(PREFIX)/include/exitstorm/vmx_intrin.h \
	      $(SHARE)/bash-completion/completions/exitstorm

deb: build/.setup-deb ## Debian packages of the last commit, in build/deb
	$(Q)sh packaging/debian/deb.sh $(VERSION) $(BUILD)/deb

perf: build/.setup-perf ## what the tool itself costs, beside a bare loop of KVM_RUN
	+$(Q)$(MAKE) $(PARALLEL) all $(PERF)
	$(Q)status=0; tests/perf/perf.pl $(BIN) $(PERF) || status=1; \
	tests/perf/trace.pl $(BIN) $(BUILD)/tests/perf/bare_loop || status=1; \
	tests/perf/guest.pl $(BIN) $(BUILD)/tests/perf/bare_loop || status=1; \
	python=$$(for p in python3 /usr/bin/python3; do $$p -c 'import numpy' 2>/dev/null && echo $$p && break; done); \
	if [ "$$python" ]; then $$python tests/perf/analysis.py $(BIN) $(BUILD)/tests/perf/cost || status=1; \
	else echo 'No NumPy here: nothing of analysis'; fi; exit $$status

truth: build/.setup-bench ## how often compare is right about repeats with a known difference
	+$(Q)$(MAKE) $(PARALLEL) all $(TRUTH)
	$(Q)$(BUILD)/tests/truth/truth
	$(Q)TRUTH_TRIALS=$${TRUTH_TRIALS:-30} EXITSTORM=$(abspath $(BIN)) tests/truth/kvm.t
	$(Q)EXITSTORM=$(abspath $(BIN)) tests/truth/pairs.t

$(TRUTH): %: %.o $(LIB)
	$(Q)$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(ASAN) $(LDFLAGS) -o $@ $< $(LIB) $(PKG_LIBS) -lm -lpthread

$(BUILD)/tests/perf/%: $(BUILD)/tests/perf/%.o
	$(Q)$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(LDFLAGS) -o $@ $<

$(TRACE_PROGRAMS) $(BUILD)/tests/faults/inject: %: %.o
	$(Q)$(call say,LINK,$@)
	$(Q)$(CC) $(FLAGS) $(ASAN) $(LDFLAGS) -o $@ $< -lpthread

$(BUILD)/tests/faults/faults.so $(AB_PROGRAMS): $(BUILD)/%.so: %.c tests/faults/faults.h $(BUILD)/.flags
	$(Q)$(call compile) -fPIC -fno-builtin -shared -o $@ $<

# Each target for FUZZ_SECONDS of CPU time; what crashes one is left in build/fuzz.
FUZZ_SECONDS ?= 60
FUZZ := $(patsubst %.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
fuzz: build/.setup-check ## run clang's fuzzer on the readers of files and frames
	+$(Q)$(MAKE) $(PARALLEL) CC=clang BUILD=build/fuzz \
	ASAN='-fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer' \
	build/fuzz/libexitstorm.a
	$(Q)set -e; for target in $(FUZZ); do \
	mkdir -p $$(dirname $$target); \
	clang -std=gnu11 -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -o $$target \
		$${target#build/fuzz/}.c build/fuzz/libexitstorm.a $(PKG_CFLAGS) $(PKG_LIBS) -lm -lpthread; \
	case $$target in *fuzz_run) seed=tests/data/run/run.json ;; *) seed= ;; esac; \
	tests/fuzz/run $(FUZZ_SECONDS) $$target $$seed; done

format: ## clang-format all C
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i

clean: ## remove build/
	$(Q)rm -rf build

# print-NAME: the value of a variable, for tests/source.
print-%: FORCE
	@echo $($*)

FORCE:
.PHONY: all help setup bench check check-long check-san unit core install uninstall deb perf fuzz truth format clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(patsubst %.o,%.d,$(OBJ) $(GUEST_OBJ) $(CORE_OBJ)) \
	$(patsubst %.o,%.d,$(call test_help,unit) $(call test_help,guest)) $(UNIT:=.d) $(PERF:=.d) \
	$(TRUTH:=.d) $(TRACE_PROGRAMS:=.d) $(FAKE_SVM:.o=.d) $(FAKE_VMX:.o=.d) $(FAKE_VMX_ENABLE:.o=.d) $(FAKE_METAL:.o=.d) $(BED_PROGRAMS:=.d)
