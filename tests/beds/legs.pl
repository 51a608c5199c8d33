# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counts instructions in the image and in the guest as they were built, for tests of known answers.
use strict;
use warnings;

# Instructions by address, symbols by name; of one ELF file.
sub disassemble
{
	my ($file) = @_;
	my (%symbol, %all, %code, $last);
	open my $dump, '-|', 'objdump', '-d', '--no-show-raw-insn', $file or die "objdump: $!";
	while (<$dump>) {
		if (/^([0-9a-f]+) <(.+)>:/) {
			$symbol{$2} = hex $1;
			push @{$all{$2}}, hex $1; # static functions may share a name
		}
		next unless /^\s*([0-9a-f]+):\s+(?:(?:lock|rep|cs|data16) )*(\S+)\s*(\S*)/;
		my $at = hex $1;
		$code{$last}{next} = $at if defined $last;
		$code{$at} = { name => $2, operand => $3 };
		$last = $at;
	}
	return { symbol => \%symbol, all => \%all, code => \%code };
}

# How many instructions from `at` on, up to and with the first one named `until`: conditional jumps
# are not taken, calls and jumps are followed, an indirect jump goes to `indirect`: an address, or a
# function of the operand that gives it. And what was met.
sub walk
{
	my ($image, $at, $until, $indirect) = @_;
	my ($count, @return, %met) = (0);
	while (1) {
		my $insn = $image->{code}{$at} or die sprintf 'no instruction at 0x%x', $at;
		$count++;
		$met{$insn->{name}}++;
		return ($count, $at, \%met) if $insn->{name} eq $until;
		die "no $until in sight" if $count > 1000;
		if ($insn->{name} =~ /^callq?$/) {
			push @return, $insn->{next};
			$at = hex $insn->{operand};
		} elsif ($insn->{name} =~ /^retq?$/) {
			$at = pop @return // die 'a return to nowhere';
		} elsif ($insn->{name} =~ /^jmpq?$/) {
			my $operand = $insn->{operand};
			$at = $operand !~ /^\*/ ? hex $operand
			    : ref $indirect ? $indirect->($operand) : $indirect;
		} else {
			$at = $insn->{next};
		}
	}
}

# The guest's part: from its stamp to the instruction that exits, and from there to the next stamp.
sub guest_parts
{
	my ($guest, $storm, $exiting) = @_;
	my $at = $guest->{symbol}{"storm_stamped_$storm"};
	my ($stamp, $seen);
	while (1) {
		my $insn = $guest->{code}{$at};
		$stamp = $at if $insn->{name} eq 'rdtsc';
		last if $insn->{name} eq $exiting;
		$at = $insn->{next};
	}
	my ($out) = walk($guest, $guest->{code}{$stamp}{next}, $exiting);
	my ($in) = walk($guest, $guest->{code}{$at}{next}, 'rdtsc');
	return ($out, $in);
}

# Of functions of one name the one that lies nearest to another: that of the same file.
sub symbol_near
{
	my ($image, $name, $near) = @_;
	my $at = $image->{symbol}{$near};
	my @all = sort { abs($a - $at) <=> abs($b - $at) } @{$image->{all}{$name}};
	return $all[0];
}

1;
