# SPDX-License-Identifier: GPL-2.0-or-later
#
# For Kbuild: KERNEL_EXPORTS_<function> for each function that hv/linux/kernel.h can do without and that this
# kernel exports to all modules. A fifth column in Module.symvers names the only ones that it is exported to.
# Tests set EXITSTORM_EXPORTS to nothing.
EXITSTORM_USES := asm_fred_entry_from_kvm cpu_emergency_register_virt_callback cr4_read_shadow cr4_update_irqsoff \
	do_machine_check intel_pt_handle_vmx
EXITSTORM_EXPORTS ?= $(shell awk -v 'uses= $(EXITSTORM_USES) ' 'index(uses, " " $$2 " ") && $$5 == "" { print $$2 }' \
	$(objtree)/Module.symvers)
ccflags-y += $(addprefix -DKERNEL_EXPORTS_,$(EXITSTORM_EXPORTS))
