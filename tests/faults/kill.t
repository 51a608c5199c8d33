#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
#
# A sample of tests/faults/kill-long.t.
use strict;
use warnings;
use Test::More;
use FindBin;
use lib $FindBin::Bin;
use Cases;
use Kill;

srand($ENV{FAULTS_SEED} // 1);
my ($kills, $hits) = (0, 0);
for my $case (Cases::killed()) {
	my $fault = Kill::prepare($case);
	is($fault, '', "$case->{name}: one that is not killed is whole");
	next if $fault;
	my ($hit, $lost) = Kill::kills($case, $case->{share});
	is(scalar @$lost, 0, "$case->{name}: $case->{share} killed at random, $hit of them before their end")
		or diag(map { "  $_\n" } @$lost);
	$kills += $case->{share};
	$hits += $hit;
}
cmp_ok($hits, '>', $kills / 4, "$hits of $kills kills came before the end");
done_testing();
