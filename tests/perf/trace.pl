#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make perf: the cost that a trace adds to an exit. trace.pl EXITSTORM BARE_LOOP
#
# A bare loop of KVM_RUN (PIO to userspace, CPL 0) is timed alone and under each tracer: exitstorm
# trace, perf kvm stat record, perf record and bpftrace histograms, all of them for the whole host. A round
# has each once, in an order that changes from round to round, and the loop alone before, between and after
# them. The cost of a tracer is the difference to the mean of the loops before and after it. The medians of
# the rounds have limits: histograms are compared with the best other tool that hooks as many ends of an
# exit, records with each of them. The table has the ratios to all. A figure over its limit makes the exit
# status 1.
# PERF_ROUNDS, PERF_TRACE_EXITS, PERF_CPU: for a shorter or longer measurement; no round begins that would
# end past PERF_SECONDS. PERF_PERCENT: this percentile of a loop's batches (of 20 exits) instead of the median,
# for a machine with other load.
use strict;
use warnings;
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

my ($exitstorm, $bare_loop) = @ARGV;
die "usage: trace.pl EXITSTORM BARE_LOOP\n" if !defined $bare_loop;
my $rounds = $ENV{PERF_ROUNDS} // 11;
my $seconds = $ENV{PERF_SECONDS} // 280;
my $exits = $ENV{PERF_TRACE_EXITS} // 40_000;
my $batch = 20;
my $percent = $ENV{PERF_PERCENT} // 50;
my $cpu = $ENV{PERF_CPU} // (`nproc` > 1 ? 1 : 0);
my $other = $cpu ? 0 : `nproc` > 1 ? 1 : 0;    # the CPU of the tracers' processes
my $tmp = tempdir(CLEANUP => 1);
my $missed = 0;
$| = 1;

sub skip { print "No cost of traces: $_[0]\n"; exit 0; }

skip('/dev/kvm cannot be opened') if !-w '/dev/kvm';
skip('only root may set its peers beside it') if $> != 0;
# perf and bpftrace need tracefs: mounted in a mount namespace of this script.
if (!-d '/sys/kernel/tracing/events') {
	skip('tracefs cannot be mounted') if $ENV{PERF_TRACEFS};
	$ENV{PERF_TRACEFS} = 1;
	exec 'unshare', '-m', 'sh', '-c',
		'mount -t tracefs nodev /sys/kernel/tracing; exec "$@"', 'sh', $^X, $0, @ARGV;
}

sub there { return grep { -x "$_/$_[0]" } split /:/, $ENV{PATH}; }

my $bpftrace_exit = 'tracepoint:kvm:kvm_userspace_exit';
my $bpftrace_run = 'tracepoint:raw_syscalls:sys_enter /args->id == 16 && args->args[1] == 0xae80';

# perf kvm stat pairs kvm_exit with kvm_entry where they fire, else it uses kvm_pio and kvm_mmio.
my $ends_of_kvm_stat = -d '/sys/module/kvm_intel' || -d '/sys/module/kvm_amd' ? 2 : 1;

# name, hooked ends of an exit, limit (0: none, another tool; a fraction of the best tool with as many ends; 1: less
# than each tool), command
my @all = (
	['histogram, one hook', 1, 1 / 4, $exitstorm, 'trace', '-q', '--hooks', 'kvm_userspace_exit'],
	['histogram, exit and entry', 2, 1 / 3, $exitstorm, 'trace', '-q', '--hooks',
		'kvm_userspace_exit,sys_enter'],
	['histogram, all hooks', 2, undef, $exitstorm, 'trace', '-q'],
	['record, one hook', 1, 1, $exitstorm, 'trace', '-q', '--hooks', 'kvm_userspace_exit',
		'--record', "$tmp/record1"],
	['record, exit and entry', 2, 1, $exitstorm, 'trace', '-q', '--hooks',
		'kvm_userspace_exit,sys_enter', '--record', "$tmp/record2"],
	['perf kvm stat record', $ends_of_kvm_stat, 0, 'perf', 'kvm', 'stat', 'record', '-a', '-o', "$tmp/kvm.data"],
	['perf record kvm_userspace_exit', 1, 0, 'perf', 'record', '-q', '-e', 'kvm:kvm_userspace_exit',
		'-a', '-o', "$tmp/perf.data"],
	['bpftrace histogram', 1, 0, 'bpftrace', '-q', '-o', "$tmp/bpftrace", '-e',
		"$bpftrace_exit { if (\@at[tid]) { \@ns = hist(nsecs - \@at[tid]); } \@at[tid] = nsecs; }"],
	['bpftrace histogram, both ends', 2, 0, 'bpftrace', '-q', '-o', "$tmp/bpftrace2", '-e',
		"$bpftrace_exit { \@at[tid] = nsecs; \@reason[tid] = args->reason; } " .
		"$bpftrace_run && \@at[tid]/ " .
		'{ @ns[@reason[tid]] = hist(nsecs - @at[tid]); @at[tid] = 0; }'],
);
my @tracers = grep { $_->[3] eq $exitstorm || there($_->[3]) } @all;
for my $row (@all) {
	print "No $row->[3] here: nothing of '$row->[0]'\n" if !grep { $_ == $row } @tracers;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

sub loop
{
	my $batches = int($exits / $batch);
	my $ticks = `'$bare_loop' unrolled 0 $cpu $batch $batches $percent`;
	die "trace.pl: bare_loop failed\n" if $? != 0;
	return $ticks + 0;
}

# Whether the process or one of its children has attached: it holds perf events or eBPF links.
sub attached
{
	my ($pid) = @_;
	my @processes = ($pid, split ' ', `cat /proc/$pid/task/*/children 2>/dev/null`);
	for my $process (@processes) {
		for my $fd (glob "/proc/$process/fd/*") {
			my $link = readlink $fd // '';
			return 1 if $link =~ /anon_inode:(?:\[perf_event\]|bpf_link|bpf-link|bpf-raw-tracepoint)/;
		}
	}
	return 0;
}

sub start
{
	my (@command) = @_;
	my $pid = fork() // die "trace.pl: fork: $!\n";
	if (!$pid) {
		open STDOUT, '>', "$tmp/out";
		open STDERR, '>', "$tmp/err";
		exec 'taskset', '-c', $other, @command or die "trace.pl: $command[0]: $!\n";
	}
	for (1 .. 200) {
		sleep 0.1;
		die "trace.pl: @command ended: " . `cat $tmp/err` if waitpid($pid, WNOHANG) == $pid;
		last if attached($pid);
	}
	die "trace.pl: @command does not attach\n" if !attached($pid);
	sleep 0.7;    # until it records
	return $pid;
}

sub stop
{
	my ($pid) = @_;
	kill 'INT', $pid;
	for (1 .. 200) {
		return if waitpid($pid, WNOHANG) == $pid;
		sleep 0.05;
	}
	kill 'KILL', $pid;
	waitpid $pid, 0;
}

# Ctrl-C ends the tracer, too.
my $running = 0;
$SIG{INT} = $SIG{TERM} = sub { kill 'KILL', $running if $running; exit 130; };

my %added;
my @alone;
my $began = time;
for my $round (1 .. $rounds) {
	my $done = $round - 1;
	if ($done && (time - $began) * $round / $done > $seconds) {
		$rounds = $done;
		last;
	}
	printf STDERR "\rround %d of %d", $round, $rounds if -t STDERR;
	my $shift = ($round * 3) % @tracers;
	my @order = @tracers[map { ($_ + $shift) % @tracers } 0 .. $#tracers];
	@order = reverse @order if $round % 2;
	my $before = loop();
	for my $row (@order) {
		my ($name, undef, undef, @command) = @$row;
		system 'rm', '-rf', "$tmp/record1", "$tmp/record2";
		$running = start(@command);
		my $traced = loop();
		stop($running);
		$running = 0;
		my $after = loop();
		push @{ $added{$name} }, $traced - ($before + $after) / 2;
		push @alone, $after;
		$before = $after;
	}
}
print STDERR "\r" if -t STDERR;

printf "\nWhat a trace adds to an exit to userspace (%.0f ticks alone, least %.0f, most %.0f), TSC ticks:\n",
	median(@alone), (sort { $a <=> $b } @alone)[0, -1];
printf "%d interleaved rounds of %d exits, CPU %d, percentile %g of batches of %d\n", $rounds, $exits,
	$cpu, $percent, $batch;
my @peers = grep { defined $_->[2] && !$_->[2] } @tracers;
printf "  %-31s %6s %5s %13s%s\n", '', 'median', 'MAD', 'middle half', @peers ? '   to peer' : '';
printf "  %-57s%s\n", '', join '', map { sprintf ' %5s', chr(ord('A') + $_) } 0 .. $#peers;
for my $row (@tracers) {
	my ($peer) = grep { $peers[$_] == $row } 0 .. $#peers;
	my @values = sort { $a <=> $b } @{ $added{ $row->[0] } };
	my $median = median(@values);
	printf "%s %-31s %6.0f %5.0f %6.0f..%-6.0f%s\n", defined $peer ? chr(ord('A') + $peer) : ' ', $row->[0],
		$median, median(map { abs($_ - $median) } @values), $values[$#values / 4],
		$values[3 * $#values / 4 + 0.5],
		join '', map { sprintf ' %5.2f', $median / median(@{ $added{ $_->[0] } }) } @peers;
}

# For two tracers: the ratio of their medians, and the quartiles of the rounds' ratios.
sub ratio
{
	my ($ours, $peer) = map { $added{ $_->[0] } } @_;
	my @rounds = sort { $a <=> $b } map { $ours->[$_] / $peer->[$_] } 0 .. $#$ours;
	return (median(@$ours) / median(@$peer), @rounds[$#rounds / 4, 3 * $#rounds / 4 + 0.5]);
}

sub best
{
	my ($best) = sort { median(@{ $added{ $a->[0] } }) <=> median(@{ $added{ $b->[0] } }) } @_;
	return $best;
}

for my $row (grep { $_->[2] } @tracers) {
	my ($name, $ends, $mark) = @$row;
	my $peer = best($mark == 1 ? @peers : grep { $_->[1] == $ends } @peers);
	if (!$peer) {
		print "$name: no peer to judge it by\n";
		next;
	}
	my ($ratio, @band) = ratio($row, $peer);
	my $reached = $mark == 1 ? $ratio < 1 : $ratio <= $mark;
	$missed = 1 if !$reached;
	printf "%s: %.2f (%.2f..%.2f) of %s; to be %s %.2f: %s\n", $name, $ratio, @band, $peer->[0],
		$mark == 1 ? 'below' : 'at most', $mark, $reached ? 'reached' : 'MISSED';
	my $any = best(@peers);
	printf "    of the best peer of all, %s: %.2f (%.2f..%.2f)\n", $any->[0], ratio($row, $any)
		if $any != $peer;
}
exit $missed;
