#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# beside: others
#
# Every storm on raw SVM in Bochs and in QEMU's emulator: each is measured with as many exits as its
# row says, is ignored by an emulator that is known to, or is skipped for a reason that is known.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $top = abs_path(dirname($0) . '/../..');
my $command = $ENV{EXITSTORM} // "$top/build/exitstorm";
my $tmp = tempdir(CLEANUP => 1);
$ENV{EXITSTORM_RUNS} = "$tmp/runs";

# Storms that no emulator supports, and the reason given: a CPUID bit that is 0, or the guest's #UD.
my %newer = (
	invpcid => qr/\(#UD, invalid opcode\)/,
	rdpru => qr/no RDPRU \(CPUID Fn8000_0008 EBX\[4\] is 0\)/,
	invlpgb => qr/no INVLPGB and TLBSYNC \(CPUID Fn8000_0008 EBX\[3\] is 0\)/,
	tlbsync => qr/no INVLPGB and TLBSYNC \(CPUID Fn8000_0008 EBX\[3\] is 0\)/,
	mcommit => qr/no MCOMMIT \(CPUID Fn8000_0008 EBX\[8\] is 0\)/,
	idle_hlt => qr/no idle HLT intercept \(CPUID Fn8000_000A/,
	bus_lock => qr/no bus lock threshold \(CPUID Fn8000_000A/,
	apic_write => qr/no AVIC \(CPUID Fn8000_000A/,
	avic_read => qr/no AVIC \(CPUID Fn8000_000A/,
	avic_ipi => qr/no AVIC \(CPUID Fn8000_000A/,
	dirty_log_full => qr/no page-modification logging \(CPUID Fn8000_000A/,
);
my @beds = (
	{ name => 'bochs', tested => 'bochs:ryzen', cpu => 'clean bits=0 nRIP=1 flush by ASID=1', options => '-t bochs --set model=ryzen', program => 'bochs',
	  ignores => qr/^(?:syscall|ple_round_robin|rdtscp_exit|monitor|mwait_armed|interrupt_window)$/,
	  lacks => qr/^(?:triple_fault|rsm)$/,
	  codes => [0x00, 0x02, 0x03, 0x04, 0x08, 0x10, 0x12, 0x13, 0x14, 0x18, 0x27, 0x30, 0x37, 0x40, 0x43, 0x46, 0x4d, 0x4e, 0x60, 0x61,
		    0x65 .. 0x72, 0x74 .. 0x79, 0x7a .. 0x7c, 0x80 .. 0x86, 0x88, 0x89, 0x8b, 0x8d, 0x400] },
	{ name => 'qemu', tested => 'qemu', cpu => 'clean bits=0 nRIP=0 flush by ASID=0', options => '-t qemu --set accel=tcg', program => 'qemu-system-x86_64',
	  ignores => qr/^(?:syscall|xsetbv|int3|invd|rdtscp_exit)$/,
	  lacks => qr/^(?:task_switch|mwait_armed|pause_loop|int1|ple_round_robin|rdrand|rdseed)$/,
	  codes => [0x00, 0x02, 0x03, 0x04, 0x08, 0x10, 0x12, 0x13, 0x14, 0x18, 0x27, 0x30, 0x37, 0x40, 0x46, 0x4d, 0x4e, 0x60, 0x61, 0x64,
		    0x65 .. 0x75, 0x77 .. 0x79, 0x7a .. 0x7c, 0x7f, 0x80 .. 0x86, 0x89, 0x8a, 0x8b, 0x400] },
);
# Since QEMU 10 INVD, XSETBV and INT1 exit as they should, reads of control registers no longer do.
sub adapt
{
	my ($bed, $emulator) = @_;
	return if ($emulator // '') !~ /^QEMU (\d+)/ || $1 < 10;
	my %gone = map { $_ => 1 } 0x02, 0x03, 0x04, 0x08;
	$bed->{ignores} = qr/^(?:syscall|int3|rdtscp_exit|mov_from_cr[2348])$/;
	$bed->{lacks} = qr/^(?:task_switch|mwait_armed|pause_loop|ple_round_robin|rdrand|rdseed)$/;
	$bed->{codes} = [(grep { !$gone{$_} } @{$bed->{codes}}), 0x76, 0x88, 0x8d];
}
# QEMU 7.2 reports INVD with the exit code of WBINVD: all operations exit, none with the code of INVD.
my $known = qr/^(?:SVM\ has\ no\ such|raw\ SVM\ has\ no|raw\ VMX\ and\ raw\ SVM\ have\ no|needs\ raw\ VMX|needs\ 2\ CPUs)/x;
# One value a leg cannot have: the loop is unrolled, or the operation waits for another CPU.
my %uneven = map { $_ => 1 }
    qw(rdtsc_exit rdtscp_exit ple_round_robin pause_loop interrupt_window);
# A setting that a handler makes for one VMRUN is taken back in the next exit. The first operation of a
# batch has no such exit before it, and is faster.
my %settled = map { $_ => 1 } qw(clts cr0_selective divide gp_reflect int3 invlpg lmsw mov_cr0_wp mov_cr3
    mov_to_cr2 mov_cr4_pge mov_dr mov_to_cr8 pf_reflect triple_fault ud2);
# CR4 has to be set first, or the tables were changed and are flushed: settled in the first operation.
$uneven{$_} = 1 for qw(xsetbv page_fill page_fill_mapped page_dirty page_read page_execute);

sub measure
{
	my ($bed, $folder, @options) = @_;
	my $said = qx($command run $bed->{options} -q -r 1 @options -o $tmp/$folder 2>&1);
	is($?, 0, "exitstorm run $bed->{options} @options") or diag $said;
	open my $file, '<', "$tmp/$folder/run.json" or die "run.json: $!";
	return decode_json(do { local $/; <$file> });
}

# The VMCB's controls in run.json, by the manual's names: those of every VM, and those that a storm adds.
sub check_controls
{
	my ($bed, $run) = @_;
	my $controls = $run->{controls};
	my $said = sub { join ' ', map { "$_=" . ($controls->{$_[0]}{$_} // 0) } @_[1 .. $#_] };
	is($said->('intercepts', qw(READ_CR WRITE_CR WRITE_DR READ_DR EXCEPTION)),
	    'READ_CR=0x100 WRITE_CR=0x119 WRITE_DR=0x80 READ_DR=0 EXCEPTION=0x40000',
	    "$bed->{name}: controls{} has the vectors of intercepts");
	is($said->('intercepts', qw(VMRUN INTR NMI IOIO MSR SHUTDOWN RDTSC PUSHF IRET)),
	    'VMRUN=1 INTR=1 NMI=1 IOIO=1 MSR=1 SHUTDOWN=1 RDTSC=0 PUSHF=0 IRET=0',
	    "$bed->{name}: ... and each of the others by name");
	is($said->('VMCB', 'ASID', 'NP_ENABLE', 'V_INTR_MASKING', 'TLB_CONTROL', 'AVIC'),
	    'ASID=1 NP_ENABLE=1 V_INTR_MASKING=1 TLB_CONTROL=0 AVIC=0',
	    "$bed->{name}: ... nested paging, ASID, V_INTR_MASKING");
	is($said->('CPU', 'clean bits', 'nRIP', 'flush by ASID'), $bed->{cpu},
	    "$bed->{name}: ... and what this CPU can");
	my %of = map { $_->{name} => $_->{controls} } @{$run->{storms}};
	is_deeply($of{ud2}, { intercepts => { EXCEPTION => '0x40040' } },
	    "$bed->{name}: ud2 has the intercept of #UD beside that of #MC");
	is($of{cpuid}, undef, "$bed->{name}: cpuid adds no control");
}

sub check_all
{
	my ($bed) = @_;
	my $run = measure($bed, $bed->{name}, '-n 500');
	check_controls($bed, $run);
	adapt($bed, $run->{target}{emulator});
	my %seen;
	my %missing = %newer;
	# Bochs 3.1 reloads a PAUSE filter with a threshold of 0 at each PAUSE: it never exits.
	my $pause = ($run->{target}{emulator} // '') =~ /^Bochs 3\.[1-9]/ ? qr/^pause(?:_loop)?$/ : qr/^$/;
	is($run->{target}{clock}, 'instructions', "$bed->{name}: the clock counts instructions");
	ok($run->{target}{emulated}, "$bed->{name}: and the run is marked as emulated");
	for my $storm (@{$run->{storms}}) {
		my $name = $storm->{name};
		if ($storm->{status} eq 'skipped') {
			my $words = $newer{$name};
			ok($words ? $storm->{why} =~ $words : $storm->{why} =~ $known || $name =~ $bed->{lacks},
			    "$bed->{name}: $name is skipped for a known reason") or diag $storm->{why};
			delete $missing{$name};
			next;
		}
		if ($storm->{status} eq 'no_exit') {
			like($name, qr/$bed->{ignores}|$pause/, "$bed->{name}: $name is ignored there, or never exits");
			like($storm->{why}, qr/^0 of \d+ operations exit for the reason that was asked for \(0x76\)/,
			    "$bed->{name}: $name exits for another reason, which the run names") if $name eq 'invd';
			next;
		}
		is($storm->{status}, 'measured', "$bed->{name}: $name is measured") or diag $storm->{why};
		is($storm->{exits}, $storm->{expected}, "$bed->{name}: $name exits as its row says");
		$seen{$storm->{raw_reason}} = 1 if defined $storm->{raw_reason} && $storm->{exits};
		next if $uneven{$name};
		for my $leg (sort grep { $_ ne 'period' } keys %{$storm->{legs}}) {
			my $clean = $storm->{legs}{$leg}{clean};
			my $min = $settled{$name} ? int($clean->{p50} + 0.5) : $clean->{min};
			is($min, $clean->{max}, "$bed->{name}, $name: $leg is one value");
		}
	}
	is(join(' ', sort keys %missing), '', "$bed->{name}: all storms without hardware support were skipped");
	ok($seen{$_}, sprintf "%s: exit code 0x%x was seen", $bed->{name}, $_)
	    for grep { $_ != 0x77 || 'pause' !~ $pause } @{$bed->{codes}};
	return $run;
}

# More than one batch: state must not leak from one to the next.
sub statuses
{
	my ($run) = @_;
	return join "\n", map { "$_->{name} $_->{status}" } @{$run->{storms}};
}

for my $bed (@beds) {
	SKIP: {
		skip "no $bed->{program}", 1 if system("command -v $bed->{program} >/dev/null");
		my $run = check_all($bed);
		is(scalar qx($top/tests/tested $bed->{tested} $tmp/$bed->{name}/run.json), '',
		    "$bed->{name}: bench/storms/tested.def agrees");
		my $many = measure($bed, "$bed->{name}-many", '-n 5000');
		is(statuses($many), statuses($run), "$bed->{name}: many batches have the results of one");
		for my $set ('vpid=off', 'slat_page=2m', 'slat_page=1g', 'cpl=3', 'path=full', 'vmload=batch', 'stamps=off') {
			my $few = measure($bed, "$bed->{name}-$set", '-n 200', "--set $set",
			    '-s vmcall,cpuid,ud2,page_fill');
			is(join(' ', map { "$_->{name} $_->{status}" } @{$few->{storms}}),
			    'cpuid measured vmcall measured page_fill measured ud2 measured',
			    "$bed->{name}, $set: all are measured");
		}
		my @same = map { measure($bed, "$bed->{name}-same$_", '-n 300', '-s cpuid,mov_cr3,page_fill') } 1, 2;
		# But for the time of this machine when a repeat ended.
		delete $_->{at_s} for map { @{$_->{repeats}} } map { @{$_->{storms}} } @same;
		is_deeply($same[1]{storms}, $same[0]{storms}, "$bed->{name}: two runs are the same");
	}
}
done_testing();
