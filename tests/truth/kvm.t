#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 900
# beside: others, one at a time
#
# The verdicts of compare on pairs of real runs on /dev/kvm, whose repeats are measured in turn (run --vary).
# Equal pairs must raise no alarm. In the others the handler waits for 10,000 TSC ticks on each exit, a
# difference that depends neither on the core's frequency nor on other load. Alarms and misses are counted
# over all pairs. A tool with 5 % false alarms and 95 % coverage exceeds the bounds once in 60,000 tests, on a
# busy machine, too.
# TRUTH_TRIALS: pairs of each kind (make truth: 30).
use strict;
use warnings;
use FindBin;
use Test::More;
use lib $FindBin::Bin;
use Pairs qw(available pair says judged median);

# MOST: the wait with its fence, the last RDTSC and the branch out of the loop.
use constant DELAY => 10000;
use constant MOST => DELAY * 1.03;
my $trials = $ENV{TRUTH_TRIALS} // 8;
my @run = ('-n', 300, '-r', 10);

plan skip_all => '/dev/kvm cannot be opened' if !available();

# Whether the interval and the range from low to high, in ticks, overlap.
sub holds
{
	my ($comparison, $low, $high) = @_;
	my $base = $comparison->{base_p50};
	return $comparison->{ci95_low} <= 1 + $high / $base && 1 + $low / $base <= $comparison->{ci95_high};
}

# Equal runs: for these storms irqchip=auto is off. Both storms of a pair have the same load beside them, so pairs
# are counted.
my ($alarms, $off, $pairs) = (0, 0, 0);
for (1 .. $trials) {
	my @said = values %{pair([@run, '-s', 'pio_out,mmio_read', '--vary', 'irqchip=auto,off'])} or next;
	$alarms += grep({ says($_, 'faster|slower') } @said) > 0;
	$off += grep({ !holds($_, 0, 0) } @said) > 0;
	$pairs++;
}
cmp_ok($pairs, '>', $trials / 2, "equal pairs that were compared: $pairs of $trials");
judged($alarms, $pairs, 0.05, 'equal pairs with an alarm');
judged($off, $pairs, 0.1, 'equal pairs with an interval that has no 1 in it');

# A handler that takes DELAY longer.
my ($found, $without, $unseen, $handler, $elsewhere) = (0, 0, 0, 0, 0);
my (@size, @shift);
for (1 .. $trials) {
	my $said = pair([@run, '-s', 'pio_out', '--vary', 'delay=0,' . DELAY], '-l', 'all');
	my ($round_trip, $own) = map { $said->{"pio_out $_"} // next } 'round_trip', 'handler';
	$found += says($round_trip, 'slower');
	$without += !holds($round_trip, DELAY, MOST);
	$unseen += !says($own, 'slower');
	$handler += !holds($own, DELAY, MOST);
	$elsewhere += grep({ says($said->{"pio_out $_"}, 'slower') } 'exit', 'resume') > 0;
	push @size, $own->{p50} - $own->{base_p50};
	push @shift, sprintf '%.0f..%.0f',
		map({ ($_ - 1) * $round_trip->{base_p50} } @$round_trip{'ci95_low', 'ci95_high'});
}
note('intervals of the round trip\'s shift, ticks: ', join ', ', @shift);
note("found in the round trip: $found of ", scalar @size);
cmp_ok(@size, '>', $trials / 2, 'pairs with a delay that were compared: ' . @size . " of $trials");
judged($unseen, scalar @size, 0.05, 'the delay not found in the handler leg');
judged($without, scalar @size, 0.05, 'intervals of the round trip without the delay\'s size in them');
judged($handler, scalar @size, 0.05, 'intervals of the handler leg without it');
judged($elsewhere, scalar @size, 0.05, 'exit or resume leg said to be slower');
# By more than the handler leg without the delay, and by less than 5 % of the delay.
my $size = median(@size) / DELAY;
ok(0.96 < $size && $size < 1.04, sprintf 'the handler leg grows by the delay (%.3f of it)', $size);
done_testing();
