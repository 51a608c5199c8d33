#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others, one at a time
#
# A sample of each.pl: for each command a few of its calls and allocations fail, one at a time. FAULTS_SEED chooses
# others.
use strict;
use warnings;
use Test::More;
use FindBin;
use lib $FindBin::Bin;
use Cases;
use Faults;

srand($ENV{FAULTS_SEED} // 1);
-x Faults::built('inject') or die "not built: make unit\n";
my %sum;
my %parts = map { $_->{part} => 1 } Cases::cases();
is(join(' ', grep { !-x "$FindBin::Bin/faults_${_}_long.t" } sort keys %parts), '', 'each part has a long test');
for my $case (grep { !$_->{slow} && ($_->{sample} // 4) } Cases::cases()) {
	my $fault = Faults::learn($case);
	is($fault, '', "$case->{name}: two of them make the same");
	next if $fault;
	my ($tried, $survived, $refused, $lost) = Faults::try_all($case, $case->{sample} // 4);
	is(scalar @$lost, 0, "$case->{name}: none of $tried faults lost anything") or diag(map { "  $_\n" } @$lost);
	$sum{$_->[0]} += $_->[1] for ['tried', $tried], ['survived', $survived], ['refused', $refused],
		['lost', scalar @$lost];
}
note("$sum{tried} tried, $sum{survived} survived, $sum{refused} refused in words, $sum{lost} lost");
done_testing();
