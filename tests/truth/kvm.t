#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 240
#
# Is compare right about the real /dev/kvm? Pairs of runs whose repeats are taken in turn (run
# --vary): equal ones, which must raise no alarm, and ones with a handler that wastes 10,000
# instructions on each exit, whose cost is known from a loop of its own (spin.c). What may fail now
# and then is counted over all trials, with a bound that is stated before: past it comes a tool that
# keeps its promise (5 % alarms, 95 % coverage) once in a thousand.
# TRUTH_TRIALS: pairs of each sort (make truth: 30).
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

use constant DELAY => 10000;
my $top = abs_path(dirname($0) . '/../..');
my $command = $ENV{EXITSTORM} // "$top/build/exitstorm";
my $spin = "$top/build/tests/truth/spin";
my $trials = $ENV{TRUTH_TRIALS} // 4;
my $cpu = $ENV{TRUTH_CPU} // (`nproc` > 1 ? 1 : 0);
my @run = ($command, 'run', '-q', '-t', 'kvm', '--cpu', $cpu, '-n', 300, '-r', 10);
my $tmp = tempdir(CLEANUP => 1);
$ENV{EXITSTORM_RUNS} = "$tmp/runs";

plan skip_all => '/dev/kvm cannot be opened' if !open my $kvm, '+<', '/dev/kvm';

sub command
{
	my (@command) = @_;
	my $pid = open my $out, '-|', 'timeout', '-s', 'KILL', 60, @command or die "fork: $!";
	my $said = do { local $/; <$out> };
	close $out or die "truth: failed: @command\n";
	return $said;
}

# Two runs, repeats in turn; what compare says of them, by storm and leg.
sub pair
{
	my ($storms, $vary, @compare) = @_;
	command('rm', '-rf', "$tmp/pair");
	command(@run, '-s', $storms, '--vary', $vary, '-o', "$tmp/pair");
	my $said = decode_json(command($command, 'compare', "$tmp/pair", '--json', @compare));
	# A machine that is busy enough makes a storm fail now and then: then it is in no figure.
	note("not compared, $_->{storm}: $_->{why}") for @{$said->{omitted}};
	return { map { ("$_->{storm} $_->{leg}" => $_) } @{$said->{comparisons}} };
}

sub alarm_of
{
	my ($comparison) = @_;
	return $comparison->{verdict} =~ /^(?:faster|slower)$/ ? 1 : 0;
}

sub holds
{
	my ($comparison, $ratio) = @_;
	return $comparison->{ci95_low} <= $ratio && $ratio <= $comparison->{ci95_high} ? 1 : 0;
}

# The most of n that may be, each with chance p, but for one time in a thousand.
sub bound
{
	my ($n, $p) = @_;
	my ($k, $chance) = (0, (1 - $p) ** $n);
	my $sum = $chance;
	while ($sum < 0.999) {
		$chance *= ($n - $k) / ($k + 1) * $p / (1 - $p);
		$sum += $chance;
		$k++;
	}
	return $k;
}

sub judged
{
	my ($seen, $n, $text) = @_;
	my $most = bound($n, 0.05);
	cmp_ok($seen, '<=', $most, "$text: $seen of $n (bound: $most)");
}

# Equal runs: irqchip=off is what auto is for these storms.
my ($alarms, $off, $intervals) = (0, 0, 0);
for (1 .. $trials) {
	my $said = pair('pio_out,mmio_read', 'irqchip=auto,off');
	my $alarm = 0;
	for my $comparison (values %$said) {
		$alarm |= alarm_of($comparison);
		$off += !holds($comparison, 1);
		$intervals++;
	}
	$alarms += $alarm;
}
cmp_ok($intervals, '>=', 1.8 * $trials, "storms that were compared: $intervals of " . 2 * $trials);
judged($alarms, $trials, 'families of equal runs with an alarm');
# Two storms of one pair share its weather: half as many as if they were independent.
judged($off, $intervals, 'intervals of equal runs without 1 in them');

# A handler that is longer by what spin says.
my ($found, $without, $unseen, $handler, $elsewhere) = (0, 0, 0, 0, 0);
my @shift;
for (1 .. $trials) {
	my $before = command($spin, $cpu, DELAY);
	my $said = pair('pio_out', 'delay=0,' . DELAY, '-l', 'all');
	my $truth = ($before + command($spin, $cpu, DELAY)) / 2;
	my $round_trip = $said->{'pio_out round_trip'};
	my $own = $said->{'pio_out handler'};
	$found += $round_trip->{verdict} eq 'slower';
	$without += !holds($round_trip, 1 + $truth / $round_trip->{base_p50});
	$unseen += $own->{verdict} ne 'slower';
	$handler += !holds($own, 1 + $truth / $own->{base_p50});
	$elsewhere += $said->{"pio_out $_"}{verdict} eq 'slower' for 'exit', 'resume';
	push @shift, sprintf '%.0f..%.0f (%.0f)',
		map({ ($_ - 1) * $round_trip->{base_p50} } @$round_trip{'ci95_low', 'ci95_high'}),
		$truth;
}
note("shift of the round trip, ticks (truth): @shift");
# A round trip is ten times as long as the delay, and may spread by more than that while others work.
cmp_ok($found, '>=', $trials < 10 ? 1 : $trials / 2, "the delay is found in the round trip: $found of $trials");
judged($unseen, $trials, 'the delay not found in the handler leg');
judged($without, $trials, 'intervals of the round trip without the delay\'s size in them');
judged($handler, $trials, 'intervals of the handler leg without it');
judged($elsewhere, 2 * $trials, 'exit and resume legs said to be slower');
done_testing();
