#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# long: a thousand commands, emulators among them
# limit: 20000
# beside: others, one at a time
#
# kill -9 at 1,000 random moments (FAULTS_KILLS) over the commands that last.
use strict;
use warnings;
use Test::More;
use FindBin;
use lib $FindBin::Bin;
use Cases;
use Kill;

srand($ENV{FAULTS_SEED} // time);
my $scale = ($ENV{FAULTS_KILLS} // 1000) / 20;
my ($kills, $hits, $losses) = (0, 0, 0);
for my $case (Cases::killed()) {
	my $fault = Kill::prepare($case);
	is($fault, '', "$case->{name}: one that is not killed is whole");
	next if $fault;
	my ($hit, $lost) = Kill::kills($case, $case->{share} * $scale);
	is(scalar @$lost, 0, "$case->{name}: " . $case->{share} * $scale . " killed at random, $hit of them before their end")
		or diag(map { "  $_\n" } @$lost);
	$kills += $case->{share} * $scale;
	$hits += $hit;
	$losses += @$lost;
}
diag("$kills killed, $hits of them before their end; $losses lost something");
cmp_ok($hits, '>', $kills / 4, "$hits of $kills kills came before the end");
done_testing();
