#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 7200
# beside: others, one at a time
# long: 194 pairs of real runs, 20 minutes beside other work
#
# How often compare finds a true difference of 2 % and of 2.5 % on the real /dev/kvm, and how often it finds one
# between equal runs: one `run --vary` of pio_out per pair, with whatever else the machine does. The difference is
# a delay of the exit handler. A long run with repeats in turn measures first what a delay adds to the round trip,
# because the legs after it may grow, too; the delays are chosen by that. The kinds of pairs take turns.
#
# TRUTH_PAIRS: a factor for all numbers of pairs (1). TRUTH_LONG: repeats of the long run (300).
use strict;
use warnings;
use FindBin;
use Test::More;
use lib $FindBin::Bin;
use Pairs qw(available pair says bound median);

use constant STORM => 'pio_out';
my $factor = $ENV{TRUTH_PAIRS} // 1;
my $long = $ENV{TRUTH_LONG} // 300;

# One invocation of @short takes 5 s of a CPU; @review is what was measured before there were shorter repeats.
my @short = ('-n', 200, '-r', 30);
my @review = ('-n', 300, '-r', 10);
# shift: of the round trip. min: of 100 pairs so many must be found. max: so many may be.
my @kinds = (
	{ name => 'a true +2 %', shift => 0.02, run => \@short, pairs => 16, min => 14 / 16 },
	{ name => 'a true +2.5 %', shift => 0.025, run => \@short, pairs => 59, min => 0.95 },
	{ name => 'equal runs', shift => 0, run => \@short, pairs => 60, max => 0.05 },
	{ name => 'a true +2.5 %, few repeats', shift => 0.025, run => \@review, pairs => 59 },
);

plan skip_all => '/dev/kvm cannot be opened' if !available();
for (@kinds) {
	$_->{pairs} = int($_->{pairs} * $factor + 0.5) || 1;
	# Alarms are rare events: more than the bound have a chance of 1 in 1,000 if their rate is the maximum.
	$_->{bound} = bound($_->{pairs}, $_->{max}, 0.001) if defined $_->{max};
	$_->{bound} = int($_->{min} * $_->{pairs} + 0.999) if defined $_->{min};
	my $of = "of $_->{pairs} pairs (@{$_->{run}})";
	diag("bound: $_->{name}: ", defined $_->{min} ? "found in at least $_->{bound} $of"
	    : defined $_->{max} ? "alarms in at most $_->{bound} $of, their rate 2 to 5 %" : "counted, $of");
}

sub load
{
	open my $file, '<', '/proc/loadavg' or return '?';
	return (split ' ', <$file>)[0];
}

sub measure
{
	my ($run, $vary) = @_;
	my $rows = eval { pair([@$run, '--samples', 0, '-s', STORM, '--vary', $vary]) };
	diag("a pair is lost: $@") if !$rows;
	return $rows ? $rows->{STORM . ' round_trip'} : undef;
}

# The share of the delay by which the round trip grows, and the round trip.
local $ENV{TRUTH_LIMIT} = 1800;
my $base = measure(['-n', 200, '-r', 20], 'null=1,2');
my $try = int(0.02 * $base->{base_p50});
my $effect = measure(['-n', 200, '-r', $long], "delay=0,$try");
my $grows = ($effect->{ratio} - 1) * $effect->{base_p50} / $try;
diag(sprintf '%d repeats in turn, load %s: a delay of %d ticks makes the round trip of %.0f ticks %.2f %% longer (%.2f to %.2f): %.2f of the delay',
    $long, load(), $try, $effect->{base_p50}, map({ 100 * ($_ - 1) } @$effect{qw(ratio ci95_low ci95_high)}), $grows);
ok($grows > 0.9 && $grows < 1.4, 'the round trip grows by about the delay');
for (@kinds) {
	my $delay = int($_->{shift} * $effect->{base_p50} / $grows + 0.5);
	$_->{vary} = $delay ? "delay=0,$delay" : 'null=1,2';
}

# All kinds are spread over the whole time.
my ($rounds) = sort { $b <=> $a } map { $_->{pairs} } @kinds;
for my $round (0 .. $rounds - 1) {
	for my $kind (@kinds) {
		next if int(($round + 1) * $kind->{pairs} / $rounds) == int($round * $kind->{pairs} / $rounds);
		my $row = measure($kind->{run}, $kind->{vary}) or next;
		push @{$kind->{shifts}}, log $row->{ratio};
		push @{$kind->{halves}}, log($row->{ci95_high} / $row->{ci95_low}) / 2;
		$kind->{done}++;
		$kind->{found} += says($row, $kind->{shift} ? 'slower' : 'faster|slower');
		note(sprintf '%s, %s, load %s: %.4f %.4f..%.4f %s', $kind->{name}, $kind->{vary}, load(),
		    @$row{qw(ratio ci95_low ci95_high verdict)});
	}
}

for (@kinds) {
	my $text = sprintf '%s (%s, %s): %d of %d, median %.2f %%, half of the interval %.2f %%', $_->{name}, "@{$_->{run}}",
	    $_->{vary}, $_->{found} // 0, $_->{done} // 0, map { 100 * (exp(median(@$_)) - 1) } @$_{qw(shifts halves)};
	if (defined $_->{min}) {
		cmp_ok($_->{found}, '>=', $_->{min} * $_->{done}, $text);
	} elsif (defined $_->{max}) {
		cmp_ok($_->{found} // 0, '<=', $_->{bound}, $text);
	} else {
		pass($text);
	}
	cmp_ok($_->{done}, '>', 0.9 * $_->{pairs}, "$_->{name}: pairs that were compared");
}
done_testing();
