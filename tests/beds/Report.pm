# SPDX-License-Identifier: GPL-2.0-or-later
#
# The report that a bed's init (tests/beds/init) writes to its second serial line, made into one TAP stream on
# stdout.
package Report;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(point line_of_report finish);
our $bed = ''; # the bed's name, for its list of skips
our %taints; # by test: the bits of the kernel's taint that it may set
our $cpu_time = sub { 0 }; # seconds of CPU that the emulator has used
my $here = abs_path(dirname(__FILE__));
our $failed = 0;
my $boot_warned = 0; # the boot had a warning that the bed's list has
my $count = 0;

sub point
{
	my ($good, $text, @why) = @_;
	$count++;
	$failed++ if !$good;
	print $good ? 'ok' : 'not ok', " $count - $text\n", map { "# $_\n" } @why;
}

# The bed's list has it: test | reason, both with * as in a shell.
sub is_listed
{
	my ($test, $reason) = @_;
	open my $list, '<', "$here/$bed.skips" or return 0;
	while (my $row = <$list>) {
		next if $row =~ /^\s*(#|$)/;
		chomp $row;
		my ($tests, $reasons) = map { s/([^\w*])/\\$1/gr =~ s/\*/.*/gr } split /\s+\|\s+/, $row;
		return 1 if $test =~ /^$tests$/ && $reason =~ /^$reasons$/;
	}
	return 0;
}

sub skipped
{
	my ($test, $what, $reason) = @_;
	return point(1, "$what # SKIP $reason") if is_listed($test, $reason);
	point(0, $what, "a skip that tests/beds/$bed.skips does not allow: $reason");
}

# The test sets these bits of the taint, and has set all that it is to set.
sub taint_is_due
{
	my ($test, $taint) = @_;
	my $due = 0;
	$due |= 1 << $_ for @{ $taints{$test} // [] };
	$due |= 1 << 9 if $test eq 'boot' && $boot_warned; # W
	return $taint == $due;
}

# One line of the report; %$state: test, its plan and its points.
sub line_of_report
{
	my ($state, $text) = @_;
	my $test = $state->{test} // '';
	if ($text =~ /^\@begin (\S+)/) {
		%$state = (test => $1, points => 0, began => time, cpu => $cpu_time->());
	} elsif ($text =~ /^\@end \S+ (\d+)/) {
		my $planned = $state->{plan} // 'none';
		point($1 == 0 && $planned eq $state->{points}, "$test: comes to its end",
		    sprintf('status %d, plan %s, points %d, %.1f s, %.1f s of CPU', $1, $planned, $state->{points},
			time - $state->{began}, $cpu_time->() - $state->{cpu}));
		delete $state->{test};
	} elsif ($text =~ /^\@taint (\S+) (\d+)/ && taint_is_due($1, $2)) {
		print "# tainted: $2, as it has to be\n";
	} elsif ($text =~ /^\@log boot (.*)/ && (is_listed('boot', $1) || ($boot_warned && $1 =~ /Call Trace:$/))) {
		$boot_warned = 1;
		print "# $1\n";
	} elsif ($text =~ /^\@(log|taint) (\S+) (.*)/) {
		point(0, "$2: the kernel stays sound", $1 eq 'taint' ? "tainted: $3" : $3);
	} elsif ($text =~ /^1\.\.0\s*#\s*skip\S*\s*(.*)/i) {
		$state->{plan} = 0;
		skipped($test, $test, $1);
	} elsif ($text =~ /^1\.\.(\d+)/) {
		$state->{plan} = $1;
	} elsif ($text =~ /^(not )?ok\b[\s\d-]*(.*?)(?:\s*#\s*skip\S*\s*(.*))?$/i) {
		my ($bad, $what, $reason) = ($1, $2, $3);
		$state->{points}++;
		if (defined $reason) {
			skipped($test, "$test: $what", $reason);
		} else {
			point(!$bad, "$test: $what");
		}
	} else {
		print "# $text\n" if $text ne '';
	}
}

# The plan. The exit status of all.
sub finish
{
	print "1..$count\n";
	return $failed ? 1 : 0;
}

1;
