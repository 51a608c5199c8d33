# SPDX-License-Identifier: GPL-2.0-or-later
#
# The lines in the head of a test, for tests/run and tests/long.
package Head;
use strict;
use warnings;

# The first bytes of a script, '' of a program.
sub head
{
	my ($file) = @_;
	open my $script, '<', $file or die "$file: $!\n";
	read $script, my $head, 2000;
	return $head =~ /^#!/ ? $head : '';
}

# Seconds.
sub limit
{
	return head($_[0]) =~ /^# limit: (\d+)/m ? $1 : 120;
}

# Seconds on two idle CPUs, of a long test that was seen green as a whole. undef for all others.
sub takes
{
	return head($_[0]) =~ /^# takes: (\d+)/m ? $1 : undef;
}

# Beside which tests it may run: 'others', 'one' (others, but one of its kind at a time), or '' (alone). Programs
# have no head: those of tests/unit depend on nothing but themselves, those of tests/guest use /dev/kvm.
sub beside
{
	my ($file) = @_;
	my $head = head($file);
	return $file =~ m{\btests/unit/} ? 'others' : $file =~ m{\btests/guest/} ? 'one' : '' if $head eq '';
	return $head =~ /^# beside: others(, one at a time)?$/m ? (defined $1 ? 'one' : 'others') : '';
}

1;
