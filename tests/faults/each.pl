#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# each.pl PART: at every place of the program a call and an allocation of the part's commands fail. Of calls and
# allocations with the same callers up to four fail, with FAULTS_EVERY=1 each. FAULTS_SAMPLE: so many of each command
# only, by chance. FAULTS_SLICE=2/5: the second fifth of each command's. FAULTS_ONLY: commands whose name matches.
# FAULTS_CALL: only calls of this name, as ioctl.
use strict;
use warnings;
use Test::More;
use FindBin;
use lib $FindBin::Bin;
use Cases;
use Faults;

srand($ENV{FAULTS_SEED} // time);
-x Faults::built('inject') or die "not built: make unit\n";
my %sum;
my ($part, $only) = ($ARGV[0], $ENV{FAULTS_ONLY} // '.');
my @cases = grep { $_->{part} eq $part && $_->{name} =~ /$only/ } Cases::cases() or plan(skip_all => "$part: lacks its programs");
for my $case (@cases) {
	my $fault = Faults::learn($case);
	is($fault, '', "$case->{name}: two of them make the same");
	next if $fault;
	my $sample = $ENV{FAULTS_SAMPLE} // ($case->{slow} ? 400 : 0);
	my ($tried, $survived, $refused, $lost) = Faults::try_all($case, $sample);
	is(scalar @$lost, 0, "$case->{name}: $tried tried, $survived survived, $refused refused in words, " . @$lost . ' lost')
		or diag(map { "  $_\n" } @$lost);
	$sum{$_->[0]} += $_->[1] for ['tried', $tried], ['survived', $survived], ['refused', $refused],
		['lost', scalar @$lost];
}
diag("$sum{tried} tried, $sum{survived} survived, $sum{refused} refused in words, $sum{lost} lost") if %sum;
done_testing();
