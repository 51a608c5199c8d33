#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make perf: target guest. guest.pl EXITSTORM BARE_LOOP
#
# The period of storm cpuid beside a bare loop of CPUID in C, in rounds of both on the same CPU, whose order
# alternates; both give the median of batches of the same size. Limit: a ratio of 1.02. Then the 95 % interval
# of p50 of cpuid and vmcall after at most 5 s, and selftest --aa with 20 pairs.
# PERF_GUEST_ROUNDS, PERF_GUEST_PAIRS (0: none), PERF_CPU: for a shorter or longer measurement.
use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;
use Time::HiRes qw(time);

my ($exitstorm, $bare_loop) = @ARGV;
die "usage: guest.pl EXITSTORM BARE_LOOP\n" if !defined $bare_loop;
my $rounds = $ENV{PERF_GUEST_ROUNDS} // 21;
my $pairs = $ENV{PERF_GUEST_PAIRS} // 20;
my $cpu = $ENV{PERF_CPU} // (`nproc` > 1 ? 1 : 0);
my $tmp = tempdir(CLEANUP => 1);
my $missed = 0;
$ENV{EXITSTORM_RUNS} = "$tmp/runs";
$| = 1;

# Runs storms in place and returns the run's JSON.
sub run
{
	my (@options) = @_;
	system('rm', '-rf', "$tmp/run");
	system("'$exitstorm' run -q -t guest --cpu $cpu -o $tmp/run @options >/dev/null") == 0
		or die "perf: exitstorm run -t guest @options failed\n";
	open my $in, '<', "$tmp/run/run.json" or die "run.json: $!\n";
	local $/;
	return decode_json(<$in>);
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

sub mark
{
	my ($good) = @_;
	$missed = 1 if !$good;
	return $good ? 'reached' : 'MISSED';
}

sub storm_period
{
	my $storm = run('-s', 'cpuid', '-n', 2000, '-r', 1, '--set', 'stamps=off')->{storms}[0];
	return ($storm->{legs}{period}{all}{p50}, $storm->{repeats}[0]{batch});
}

sub bare
{
	my ($batch) = @_;
	my $ticks = `'$bare_loop' cpuid 3 $cpu $batch @{[int(2000 / $batch) || 1]}`;
	die "perf: bare_loop cpuid failed\n" if $?;
	return $ticks + 0;
}

sub compare_period
{
	my (@ratios, @bare);
	my (undef, $batch) = storm_period();
	for my $round (1 .. $rounds) {
		my $reference = $round % 2 ? bare($batch) : undef;
		my ($period) = storm_period();
		$reference //= bare($batch);
		push @bare, $reference;
		push @ratios, $period / $reference;
	}
	my $ratio = median(@ratios);
	printf "  period of cpuid to a bare loop's %.0f ticks, %d rounds: %.3f (%.3f..%.3f), limit 1.02: %s\n",
	    median(@bare), $rounds, $ratio, (sort { $a <=> $b } @ratios)[0, -1], mark($ratio <= 1.02);
}

sub precision
{
	for my $name (qw(cpuid vmcall)) {
		my $began = time;
		my $run = run('-s', $name, '-n', 1000, '-r', 20);
		my $took = time - $began;
		my $storm = $run->{storms}[0];
		if ($storm->{status} ne 'measured') {
			print "  $name: $storm->{status}: $storm->{why}\n";
			next;
		}
		my ($low, $high) = @{$storm->{legs}{round_trip}{p50_ci95}};
		my $half = 100 * ($high - $low) / ($high + $low);
		printf "  %s: p50 %.0f ticks +-%.1f %% after %.1f s, limit +-2 %% in 5 s: %s\n", $name,
		    ($low + $high) / 2, $half, $took, mark($half <= 2 && $took <= 5);
	}
}

# Pairs of equal runs: how often compare calls them different.
sub equal_pairs
{
	my $said = qx('$exitstorm' selftest --aa -t guest -s cpuid,vmcall --pairs $pairs);
	my $status = $? >> 8;
	$said =~ s/^/  /mg;
	print $said, '  ', mark(!$status), "\n";
}

my $said = qx('$exitstorm' list -t guest 2>&1 >/dev/null);
if ($?) {
	print "Target guest: not here: $said";
	exit 0;
}
print "Target guest, CPU $cpu:\n";
compare_period();
precision();
equal_pairs() if $pairs;
exit $missed;
