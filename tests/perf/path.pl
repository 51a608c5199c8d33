# SPDX-License-Identifier: GPL-2.0-or-later
#
# Counts in the disassembly of an ELF file: instructions from one address to another, their names, the cache
# lines that they touch. For `make perf` and the tests of leg lengths.
use strict;
use warnings;
use POSIX qw(floor);

# Instructions by address and symbols by name of one ELF file.
sub disassemble
{
	my ($file) = @_;
	my (%symbol, %all, %code, $last);
	open my $dump, '-|', 'objdump', '-d', '--no-show-raw-insn', $file or die "objdump: $!";
	while (<$dump>) {
		if (/^([0-9a-f]+) <(.+)>:/) {
			$symbol{$2} = hex $1;
			push @{$all{$2}}, hex $1; # functions of several files may share a name
		}
		next unless /^\s*([0-9a-f]+):\s+((?:(?:lock|rep\w*|cs|data16) )*)(\S+)\s*(\S*)/;
		my $at = hex $1;
		$code{$last}{next} = $at if defined $last;
		$code{$at} = { name => $3, operand => $4, prefix => [split ' ', $2] };
		$last = $at;
	}
	return { symbol => \%symbol, all => \%all, code => \%code };
}

# Of static functions with one name that nearest to another symbol: the one of its file.
sub symbol_near
{
	my ($image, $name, $near) = @_;
	my $at = $image->{symbol}{$near};
	my @all = sort { abs($a - $at) <=> abs($b - $at) } @{$image->{all}{$name} // []};
	return $all[0] // die "no $name in the image";
}

# The guest's part: instructions from its stamp to the exiting one, and from there to the next stamp.
sub guest_parts
{
	my ($guest, $storm, $exiting) = @_;
	my $at = $guest->{symbol}{"storm_stamped_$storm"};
	my $stamp;
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

# The 64-bit register of a name: %rcx for %ecx.
sub whole
{
	my ($register) = @_;
	$register =~ s/^%[re]?(ax|bx|cx|dx|si|di|bp|sp)$/%r$1/;
	return $register;
}

# Lines of 64 bytes that an instruction's memory operand is in. `stack`: bytes that RSP is away from
# the frame. Other addresses are told apart by their text, which may count a line twice but never misses
# one.
sub touch
{
	my ($insn, $stack, $lines) = @_;
	my ($to) = $insn->{operand} =~ /,(%\w+)$/;
	return if $insn->{name} =~ /^nop/;
	while ($insn->{name} !~ /^lea/ && $insn->{operand} =~ /(-?(?:0x[0-9a-f]+)?)\(([^)]*)\)/g) {
		my ($base, $digits) = ($2, $1);
		my $offset = hex($digits =~ s/^-//r) * ($digits =~ /^-/ ? -1 : 1);
		my $frame = $base eq '%rsp' ? $stack : $base eq '%rdi' ? 0 : undef;
		$base = defined $frame ? 'frame' : $base . ($lines->{set}{whole($base)} // 0);
		$lines->{data}{"$base " . floor((($frame // 0) + $offset) / 64)}++;
	}
	$lines->{data}{'frame ' . floor(($stack - 8) / 64)}++ if $insn->{name} =~ /^(?:call|push)/;
	$lines->{set}{whole($to)}++ if $to; # from here on it is another address
}

# How many instructions from `at` on, up to and with the first one named `until`: conditional jumps
# are not taken, calls and jumps are followed, an indirect jump goes to `indirect` (an address, or a
# function of the operand that returns one). Returns the count, the address, and the instructions met by name
# (prefixes, too); puts the cache lines of code and data into %$lines.
sub walk
{
	my ($image, $at, $until, $indirect, $lines) = @_;
	my ($count, $stack, @return, %met) = (0, 0);
	while (1) {
		my $insn = $image->{code}{$at} or die sprintf 'no instruction at 0x%x', $at;
		$count++;
		$met{$_}++ for $insn->{name}, @{$insn->{prefix}};
		$lines->{code}{$at >> 6}++;
		touch($insn, $stack, $lines);
		return ($count, $at, \%met) if $insn->{name} eq $until;
		die "no $until in sight" if $count > 1000;
		$stack -= 8 if $insn->{name} =~ /^(?:call|push)/;
		$stack += 8 if $insn->{name} =~ /^(?:ret|pop)/;
		$stack += hex($2) * ($1 eq 'sub' ? -1 : 1)
			if "$insn->{name} $insn->{operand}" =~ /^(sub|add)q? \$0x([0-9a-f]+),%rsp$/;
		if ($insn->{name} =~ /^callq?$/) {
			push @return, $insn->{next};
			$at = $insn->{operand} =~ /^\*/ ? $indirect : hex $insn->{operand};
		} elsif ($insn->{name} =~ /^retq?$/) {
			$at = pop @return // die 'a return to nowhere';
		} elsif ($insn->{name} =~ /^jmpq?$/) {
			$at = $insn->{operand} !~ /^\*/ ? hex $insn->{operand}
				: ref $indirect ? $indirect->($insn->{operand}) : $indirect;
		} else {
			$at = $insn->{next};
		}
	}
}

# From the entry point of a VM exit to VMRESUME with stamps, where `handler` is the handler's function.
sub exit_path
{
	my ($host, $path, $handler_at) = @_;
	my (%lines, %met);
	my $target = symbol_near($host, $handler_at, 'vmx_handle');
	my ($exit_entry, $host_in, $met_in) =
		walk($host, $host->{symbol}{"vmx_exit_$path"}, 'rdtsc', undef, \%lines);
	my ($handler, $host_out, $met) =
		walk($host, $host->{code}{$host_in}{next}, 'rdtsc', $target, \%lines);
	my ($entry, undef, $met_out) =
		walk($host, $host->{code}{$host_out}{next}, 'vmresume', undef, \%lines);
	for my $part ($met_in, $met, $met_out) {
		$met{$_} += $part->{$_} for keys %$part;
	}
	return {
		exit_entry => $exit_entry,
		handler => $handler,
		entry => $entry,
		path => $exit_entry + $handler + $entry,
		vmcs => ($met{vmread} // 0) + ($met{vmwrite} // 0),
		heavy => [sort grep { /^(?:rdmsr|wrmsr|lock|rep|xchg|movs[bwlq]?$|stos|cmps|scas|lods)/ } keys %met],
		data_lines => scalar(keys %{$lines{data}}),
		code_lines => scalar(keys %{$lines{code}}),
	};
}

# Limits of the paths, and the function that handles each storm.
our %path_limit = (fast => { path => 30, vmcs => 2 }, full => { path => 75, vmcs => 4 });
our %path_handler = (vmcall => 'skip', cpuid => 'handle_cpuid');
1;
