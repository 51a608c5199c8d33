# SPDX-License-Identifier: GPL-2.0-or-later
#
# A time limit that holds on a busy machine: its clock counts a second of wall time as one where each runnable
# task has a CPU, as half a second where two share one. So a limit says how long a test may take on an idle
# machine, and a test that only waits is ended, too.
package Limit;
use strict;
use warnings;
use Time::HiRes qw(time);

# CPUs that this process may use: by affinity, as the tests run on these.
sub cpus
{
	my ($list) = map { /^Cpus_allowed_list:\s*(\S+)/ ? $1 : () } read_lines('/proc/self/status');
	my $count = 0;
	$count += ($2 // $1) - $1 + 1 while ($list // '0') =~ /(\d+)(?:-(\d+))?/g;
	return $count || 1;
}

sub read_lines
{
	open my $file, '<', $_[0] or return ();
	return <$file>;
}

# Tasks that run or wait for a CPU now, without the one that reads this.
sub runnable
{
	my ($running) = map { /^procs_running (\d+)/ ? $1 : () } read_lines($Limit::stat // '/proc/stat');
	return ($running // 1) - 1;
}

sub new
{
	my ($class, $seconds) = @_;
	return bless { left => $seconds, last => time, cpus => cpus() }, $class;
}

# To be called about once a second or more often. True once the limit is reached.
sub reached
{
	my ($self) = @_;
	return $self->{left} <= 0 if time - $self->{last} < 0.5;
	my ($now, $share) = (time, $self->{cpus} / (runnable() || 1));
	# A caller that was itself held up for long has not seen what happened in between.
	my $passed = $now - $self->{last};
	$passed = 5 if $passed > 5;
	$self->{left} -= $passed * ($share < 1 ? $share : 1);
	$self->{last} = $now;
	return $self->{left} <= 0;
}

1;
