#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 400
# beside: others
#
# Every storm on raw VMX in Bochs: each is measured with as many exits as its row says, or is skipped
# for a reason that is known; and legs have one value, because one tick is one instruction.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $top = dirname($0) . '/../..';
my $command = $ENV{EXITSTORM} // "$top/build/exitstorm";
my $tmp = tempdir(CLEANUP => 1);
$ENV{EXITSTORM_RUNS} = "$tmp/runs";

plan skip_all => 'no Bochs (package bochs)' if system('command -v bochs >/dev/null');

# Storms that raw VMX does not have, and those that Bochs' skylake_x lacks a control for, with its name.
my $known = qr/^raw\ VMX\ (?:has|and\ raw\ SVM\ have)\ no\ |^needs\ raw\ SVM|\Q"monitor trap flag"\E|"enable\ user\ wait\ and\ pause"|
	"enable\ ENCLS\ exiting"|"enable\ MSR-list\ instructions"|"VMM\ bus-lock\ detection"|needs\ two\ CPUs|needs\ 2\ CPUs|
	keeps\ an\ INIT\ pending|"LOADIWKEY\ exiting"|no\ safer\ mode\ extensions|"instruction\ timeout"|
	"sub-page\ write\ permissions\ for\ EPT"|
	\QIA32_XSS can only be 0\E|\QRDMSR and WRMSRNS with an immediate operand\E/x;
# One value a leg cannot have: the loop is unrolled, or the operation waits for another CPU.
my %uneven = map { $_ => 1 } qw(rdtsc_exit rdtscp_exit ple_round_robin init sipi umwait tpause);

sub measure
{
	my ($folder, @options) = @_;
	my $said = qx($command run -t bochs -q -r 1 @options -o $tmp/$folder 2>&1);
	is($?, 0, "exitstorm run -t bochs @options") or diag $said;
	open my $file, '<', "$tmp/$folder/run.json" or die "run.json: $!";
	my $run = decode_json(do { local $/; <$file> });
	return $run;
}

my $run = measure('all', '-n 500');
is($run->{target}{clock}, 'instructions', 'the clock counts instructions');
ok($run->{target}{emulated}, 'and the run is marked as emulated');

my %seen;
for my $storm (@{$run->{storms}}) {
	my $name = $storm->{name};
	if ($storm->{status} eq 'skipped') {
		like($storm->{why}, $known, "$name is skipped for a known reason");
		next;
	}
	if ($storm->{status} eq 'no_exit') {
		like($name, qr/^(syscall|ple_round_robin)$/, "$name makes no exit on VMX");
		next;
	}
	is($storm->{status}, 'measured', "$name is measured") or diag $storm->{why};
	is($storm->{exits}, $storm->{expected}, "$name made as many exits as its row says");
	$seen{$storm->{raw_reason} & 0xffff} = 1 if defined $storm->{raw_reason} && $storm->{exits};
	next if $uneven{$name};
	for my $leg (sort keys %{$storm->{legs}}) {
		next if $leg eq 'period';
		my $all = $storm->{legs}{$leg}{all};
		is($all->{min}, $all->{max}, "$name: $leg is $all->{min} instructions on every record");
	}
}
for my $reason (0, 1, 2, 4, 7 .. 10, 12, 13, 14, 15, 16, 18 .. 34, 36, 39, 40, 43 .. 59, 61, 62) {
	ok($seen{$reason}, "basic exit reason $reason was seen");
}

# More than one batch: state must not leak from one to the next.
sub statuses
{
	my ($run) = @_;
	return join "\n", map { "$_->{name} $_->{status}" } @{$run->{storms}};
}
is(statuses(measure('many', '-n 5000')), statuses($run), 'many batches have the results of one');

# Without VPIDs, with large pages, at CPL 3, on the oldest model.
for my $set ('vpid=off', 'slat_page=2m', 'cpl=3', 'model=sandy_bridge', 'path=full', 'stamps=off',
    'unrestricted=on') {
	my $few = measure($set, '-n 200', "--set $set", '-s vmcall,cpuid,int3,page_fill');
	is(join(' ', map { "$_->{name} $_->{status}" } @{$few->{storms}}),
	    'cpuid measured vmcall measured page_fill measured int3 measured', "$set: all are measured");
}

# Safer mode extensions: later models of Bochs do not have them.
my $old = measure('arrandale', '-n 500', '--set model=arrandale', '-s getsec,vmcall,page_fill');
is(join(' ', map { "$_->{name} $_->{status} $_->{raw_reason} $_->{exits}" } @{$old->{storms}}),
    'vmcall measured 18 500 page_fill measured 48 500 getsec measured 11 500',
    'basic exit reason 11 was seen');

# A supervisor state and sub-page permissions: Bochs' skylake_x does not have them.
my $new = measure('tigerlake', '-n 500', '--set model=tigerlake', '-s xsaves,xrstors,sub_page');
is(join(' ', map { "$_->{name} $_->{status} $_->{raw_reason} $_->{exits}" } @{$new->{storms}}),
    'xsaves measured 63 500 xrstors measured 64 500 sub_page measured 66 500',
    'basic exit reasons 63, 64 and 66 were seen');

# Models that only newer Bochs have.
my %newer = (
	sapphire_rapids => 'monitor_trap measured 37 umwait measured 67 tpause measured 68',
	arrow_lake => 'monitor_trap measured 37 umwait measured 67 tpause measured 68',
	wildcat_lake => 'monitor_trap measured 37 umwait measured 67 tpause measured 68 rdmsrlist measured 78 ' .
	    'wrmsrlist measured 79',
);
my $models = qx(bochs --help cpu 2>&1 </dev/null);
for my $model (grep { $models =~ /^$_$/m } sort keys %newer) {
	my $has = measure($model, '-n 500', "--set model=$model");
	my @failed = map { "$_->{name}: $_->{why}" } grep { $_->{status} eq 'failed' } @{$has->{storms}};
	is("@failed", '', "$model: no storm fails");
	my %wanted = map { $_ => 1 } $newer{$model} =~ /(\w+) measured/g;
	is(join(' ', map { "$_->{name} $_->{status} $_->{raw_reason}" } grep { $wanted{$_->{name}} } @{$has->{storms}}),
	    $newer{$model}, "$model: these are measured");
	next if $model eq 'arrow_lake';
	is(scalar qx($top/tests/tested bochs:$model $tmp/$model/run.json), '', "$model: bench/storms/tested.def agrees");
}

my %folder = (skylake_x => 'all', arrandale => 'arrandale', tigerlake => 'tigerlake');
is(scalar qx($top/tests/tested bochs:$_ $tmp/$folder{$_}/run.json), '', "$_: bench/storms/tested.def agrees")
    for sort keys %folder;
done_testing();
