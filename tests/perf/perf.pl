#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make perf: the costs of exitstorm itself. perf.pl EXITSTORM BARE_LOOP COST
#
# The host period of a storm (KVM_RUN to KVM_RUN, stamps=off) is compared with a bare loop of KVM_RUN that
# makes the same exit, in rounds of both on the same CPU, whose order alternates. Both give the median of
# batches of the same size. The median of the rounds' ratios is held to a limit: drifts of the machine (a
# busy SMT sibling makes a KVM_RUN 40 % longer) affect both of a round. Then memory against the number of
# exits, and the time of `show` and `make bench`. A figure over its limit is printed as missed and makes the
# exit status 1. PERF_ROUNDS, PERF_EXITS, PERF_CPU, PERF_MAX_EXITS: for a shorter or longer measurement.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;

my ($exitstorm, $bare_loop, $cost) = @ARGV;
die "usage: perf.pl EXITSTORM BARE_LOOP COST\n" if !defined $cost;
my $rounds = $ENV{PERF_ROUNDS} // 21;
my $exits = $ENV{PERF_EXITS} // 2000;
my $max_exits = $ENV{PERF_MAX_EXITS} // 10_000_000;
my $cpu = $ENV{PERF_CPU} // (`nproc` > 1 ? 1 : 0);
my $tmp = tempdir(CLEANUP => 1);
my $missed = 0;
$ENV{EXITSTORM_RUNS} = "$tmp/runs";
$| = 1;

sub text
{
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return <$in>;
}

sub command
{
	my (@command) = @_;
	system(@command) == 0 or die "perf: failed: @command\n";
}

# Runs one storm and returns its row of run.json.
sub storm
{
	my ($name, $n, @settings) = @_;
	my $run = "$tmp/run";
	command('rm', '-rf', $run);
	open my $keep, '>&', \*STDOUT;
	open STDOUT, '>', '/dev/null';
	command($exitstorm, 'run', '-t', 'kvm', '-s', $name, '-n', $n, '-r', 1, '--cpu', $cpu,
		'-o', $run, map { ('--set', $_) } @settings);
	open STDOUT, '>&', $keep;
	my $storm = decode_json(text("$run/run.json"))->{storms}[0];
	die "perf: $name @settings: $storm->{status}: $storm->{why}\n"
		if $storm->{status} !~ /^(?:measured|no_exit)$/;
	return $storm;
}

sub period
{
	my ($storm) = @_;
	return $storm->{legs}{period}{all}{p50} // die "perf: $storm->{name} has no period\n";
}

sub bare
{
	my ($loop, $cpl, $batch, $n) = @_;
	my $batches = int($n / $batch) || 1;
	my $ticks = `'$bare_loop' $loop $cpl $cpu $batch $batches`;
	die "perf: bare_loop failed\n" if $? != 0;
	return $ticks + 0;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

sub mad
{
	my $centre = median(@_);
	return median(map { abs($_ - $centre) } @_);
}

sub ticks
{
	my $text = sprintf '%.0f', $_[0];
	1 while $text =~ s/^(\d+)(\d{3})/$1,$2/;
	return $text;
}

sub mark
{
	my ($good) = @_;
	$missed = 1 if !$good;
	return $good ? 'reached' : 'MISSED';
}

# How many of n sorted values lie outside, on either side, of the median's 95 % interval: the
# largest k with P(at most k of n tosses are heads) <= 2.5 %; 0 for a few.
sub interval_rank
{
	my ($n) = @_;
	my ($k, $chance, $sum) = (0, 0.5 ** $n, 0.5 ** $n);
	while ($k < $n / 2) {
		$chance *= ($n - $k) / ($k + 1);
		last if $sum + $chance > 0.025;
		$sum += $chance;
		$k++;
	}
	return $k;
}

# One row of the table: the rounds' values and their ratios to a reference.
sub line
{
	my ($name, $values, $reference) = @_;
	my @sorted = sort { $a <=> $b } @$values;
	printf "  %-38s %9s %7s %9s..%-9s", $name, ticks(median(@$values)), ticks(mad(@$values)),
		ticks($sorted[0]), ticks($sorted[-1]);
	return if !$reference;
	my @ratios = sort { $a <=> $b } map { $values->[$_] / $reference->[$_] } 0 .. $#$values;
	my $below = interval_rank(scalar @ratios);
	printf ' %6.3f [%.3f..%.3f]', median(@ratios), $ratios[$below], $ratios[-1 - $below];
	return median(@ratios);
}

# name, storm and settings, bare loops in the same rounds (the first is the reference), factor of the exits for
# cheap ones
my @against = (
	['pio_out cpl=0', 'pio_out', 0, ['unrolled', 'jmp'], 2],
	['pio_out cpl=3', 'pio_out', 3, ['unrolled', 'jmp'], 1],
	['kvm_run_immediate', 'kvm_run_immediate', 0, ['immediate'], 4],
);

sub measure_round
{
	my ($round, $row, $got) = @_;
	my ($name, $storm, $cpl, $loops, $times) = @$row;
	my $n = $exits * $times;
	my @cpl = $storm eq 'pio_out' ? ("cpl=$cpl") : ();
	my $batch = $got->{batch} // 8;
	my $off;

	my @steps = (
		sub {
			$off = storm($storm, $n, 'stamps=off', @cpl);
			push @{ $got->{off} }, period($off);
		},
		map { my $loop = $_; sub { push @{ $got->{$loop} }, bare($loop, $cpl, $batch, $n); } } @$loops,
	);
	$_->() for $round % 2 ? @steps : reverse @steps;
	$got->{batch} = $off->{repeats}[0]{batch};
	return if $storm ne 'pio_out';
	my $both = storm($storm, $n, 'stamps=both', @cpl);
	push @{ $got->{both} }, $both->{legs}{round_trip}{all}{p50};
}

print "Host period, TSC ticks an exit: $rounds interleaved rounds of $exits exits or more, CPU $cpu\n";
printf "  %-38s %9s %7s %20s %s\n", '', 'median', 'MAD', 'least..most  ', 'ratio [95 % interval], of rounds';
my %got = map { $_->[0] => {} } @against;
for my $round (1 .. $rounds) {
	printf STDERR "\rround %d of %d", $round, $rounds if -t STDERR;
	measure_round($round, $_, $got{ $_->[0] }) for @against;
}
print STDERR "\r" if -t STDERR;
for my $row (@against) {
	my ($name, undef, undef, $loops) = @$row;
	my $all = $got{$name};
	for my $loop (@$loops) {
		line("$name, bare loop ($loop)", $all->{$loop});
		print "\n";
	}
	my $ratio = line("$name, exitstorm stamps=off", $all->{off}, $all->{ $loops->[0] });
	printf " <= 1.02 %s\n", mark($ratio <= 1.02);
	next if !$all->{both};
	line("$name, round trip, stamps=both", $all->{both}, $all->{off});
	printf " stamps add %s\n", ticks(median(map { $all->{both}[$_] - $all->{off}[$_] }
		0 .. $#{ $all->{off} }));
}

sub cost
{
	my (@command) = @_;
	open my $keep, '>&', \*STDOUT;
	open STDOUT, '>', '/dev/null';
	command($cost, "$tmp/cost", @command);
	open STDOUT, '>&', $keep;
	return split ' ', text("$tmp/cost");
}

print "Memory and time of `run -s syscall`, by the number of exits\n";
my (@peak, $run);
for (my $n = 10_000; $n <= $max_exits; $n *= 10) {
	$run = "$tmp/syscall-$n";
	my ($seconds, $kib) = cost($exitstorm, 'run', '-t', 'kvm', '-s', 'syscall', '-n', $n, '-r', 1,
		'-o', $run);
	push @peak, $kib;
	printf "  %10s exits  %8s KiB at most  %7.1f s\n", ticks($n), ticks($kib), $seconds;
}
my ($min, $largest) = (sort { $a <=> $b } @peak)[0, -1];
printf "  most / least memory %.3f <= 1.05 %s\n", $largest / $min, mark($largest <= 1.05 * $min);
my ($show) = cost($exitstorm, 'show', $run);
printf "  summary (exitstorm show) of the last: %.3f s < 1 s %s\n", $show, mark($show < 1);

# Raw VMX: the instructions between a VM exit and VMRESUME in the image.
require(abs_path(dirname($0)) . '/path.pl');
our (%path_limit, %path_handler);
my $image = dirname($exitstorm) . '/image/exitstorm.elf';

sub vmx_paths
{
	my $host = disassemble($image);
	print "Raw VMX, VM exit to VMRESUME with stamps on, counted in the image's disassembly\n";
	printf "  %-18s %16s %16s %22s %s\n", '', 'instructions', 'VMCS accesses',
		'MSR, LOCK, string', 'cache lines of data, code';
	for my $path ('fast', 'full') {
		for my $storm (sort keys %path_handler) {
			my $got = exit_path($host, $path, $path_handler{$storm});
			my $limit = $path_limit{$path};
			printf "  %-18s %4d <= %2d %s %4d <= %d %s %13s %s %8d, %d\n", "$storm, path=$path",
				$got->{path}, $limit->{path}, mark($got->{path} <= $limit->{path}),
				$got->{vmcs}, $limit->{vmcs}, mark($got->{vmcs} <= $limit->{vmcs}),
				"@{$got->{heavy}}" || 'none', mark(!@{$got->{heavy}}),
				$got->{data_lines}, $got->{code_lines};
		}
	}
	print "  (kvm-unit-tests: 252 instructions, 6 to 7 VMCS accesses. Done once a batch, not here:\n",
		"  HOST_RSP and the rest of the host's state, GDTR, IDTR, DR7, DEBUGCTL, SYSCALL's MSRs,\n",
		"  INVEPT and INVVPID, flags and reasons of the records.)\n";
}

if (system('command -v bochs >/dev/null') == 0) {
	vmx_paths();
	my $began = "$tmp/bochs";
	my @before = times;
	my ($seconds) = cost($exitstorm, 'run', '-t', 'bochs', '-n', 10_000, '-r', 1, '-o', $began);
	my @after = times;
	my @measured = grep { $_->{status} eq 'measured' } @{decode_json(text("$began/run.json"))->{storms}};
	printf "All %d storms of raw VMX, 10,000 exits each, in Bochs: %.1f s < 20 s %s (%.1f s of CPU)\n",
		scalar(@measured), $seconds, mark($seconds < 20), $after[2] + $after[3] - $before[2] - $before[3];
} else {
	print "No Bochs here: nothing of raw VMX\n";
}

require(abs_path(dirname($0)) . '/svm.pl');
svm_paths($image, \&mark);
svm_all($exitstorm, $tmp, \&mark);

my ($bench) = cost('make', 'bench', 'SETUP=no');
printf "make bench: %.0f s < 90 s %s\n", $bench, mark($bench < 90);
exit $missed;
