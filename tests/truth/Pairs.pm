# SPDX-License-Identifier: GPL-2.0-or-later
#
# Pairs of real runs on /dev/kvm whose repeats are measured in turn, and how often something may happen among them.
# The environment: EXITSTORM (the command), TRUTH_CPU (where the vCPU runs; default: 1, if there is one).
package Pairs;

use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

our @EXPORT_OK = qw(available run_in_turn pair says bound judged median);
use constant CHANCE => 1 / 60000;

my $command = $ENV{EXITSTORM} // abs_path(dirname(__FILE__) . '/../..') . '/build/exitstorm';
my $cpu = $ENV{TRUTH_CPU} // (`nproc` > 1 ? 1 : 0);
my $tmp = tempdir(CLEANUP => 1);
$ENV{EXITSTORM_RUNS} = "$tmp/runs";

sub available
{
	return open my $kvm, '+<', '/dev/kvm';
}

sub command
{
	my (@command) = @_;
	my $pid = open my $out, '-|', 'timeout', '-s', 'KILL', $ENV{TRUTH_LIMIT} // 60, @command or die "fork: $!";
	my $said = do { local $/; <$out> };
	close $out or die "truth: failed: @command\n";
	return $said;
}

# Two runs with repeats in turn, with these options of run; replaces those before. Returns their folder.
sub run_in_turn
{
	my (@options) = @_;
	command('rm', '-rf', "$tmp/pair");
	command($command, 'run', '-q', '-t', 'kvm', '--cpu', $cpu, @options, '-o', "$tmp/pair");
	return "$tmp/pair";
}

# compare's rows of such runs by storm and leg.
sub pair
{
	my ($run, @compare) = @_;
	my $said = decode_json(command($command, 'compare', run_in_turn(@$run), '--json', @compare));
	# On a busy machine a storm fails now and then and has no figure.
	note("not compared, $_->{storm}: $_->{why}") for @{$said->{omitted}};
	return { map { ("$_->{storm} $_->{leg}" => $_) } @{$said->{comparisons}} };
}

sub says
{
	my ($comparison, $verdict) = @_;
	return $comparison->{verdict} =~ /^(?:$verdict)$/ ? 1 : 0;
}

# The largest number of n, each with probability p, that is exceeded with this chance at most.
sub bound
{
	my ($n, $p, $exceeded) = @_;
	my ($k, $chance) = (0, (1 - $p) ** $n);
	my $sum = $chance;
	while ($sum < 1 - ($exceeded // CHANCE)) {
		$chance *= ($n - $k) / ($k + 1) * $p / (1 - $p);
		$sum += $chance;
		$k++;
	}
	return $k;
}

sub judged
{
	my ($seen, $n, $p, $text) = @_;
	my $max = bound($n, $p);
	cmp_ok($seen, '<=', $max, "$text: $seen of $n (bound: $max)");
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return ($sorted[$#sorted / 2] + $sorted[@sorted / 2]) / 2;
}

1;
