# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For tests of machine checks. Needs QEMU, which raises them by its monitor (tests/beds/run sends it lines that
# begin with @monitor), and a kernel with CONFIG_X86_MCE.
#
# machine_check CPU KIND    KIND: fatal, deferred (#MC, after which the kernel goes on) or corrected (no #MC)

# IA32_MCi_STATUS: VAL 63, UC 61, EN 60, ADDRV 58, PCC 57, DEFERRED 44 (APM Vol. 2, "MCi_STATUS"); 0x135: a cache
# error in a data read. IA32_MCG_STATUS: RIPV 0, EIPV 1, MCIP 2.
machine_check()
{
	case $2 in
	fatal) set -- "$1" 0xb600000000000135 0x4 ;;
	deferred) set -- "$1" 0xb400100000000135 0x5 ;;
	corrected) set -- "$1" 0x9400000000000135 0 ;;
	esac
	echo "@monitor mce $1 4 $2 $3 0x1000 0"
}
