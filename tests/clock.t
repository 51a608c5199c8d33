#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 120
# beside: others
#
# trace/clock_check.c: whatever the compiler and its options, each sequence has the same instructions between its
# two RDTSCs, so the finding cannot depend on them.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $top = abs_path(dirname($0) . '/..');
my $tmp = tempdir(CLEANUP => 1);
# The length of each sequence, and the instructions around it; of the loop the disassembly has two instructions.
my @lengths = (0, 1, 2, 3, 5, 8, 13, 21, 34, 100, 2, 1000, 1000, 1000);
my $around = 6;
my @wanted = sort { $a <=> $b } map { $_ + $around } @lengths;

# The instructions from one RDTSC, without it, to the next one of the same function, in pairs.
sub pairs
{
	my ($object) = @_;
	my (@found, $since, %seen);
	for (qx(objdump -d --no-show-raw-insn $object)) {
		undef $since if /^[0-9a-f]+ <\w/;
		next unless /^\s+[0-9a-f]+:\s+(\w.*)/;
		push @$since, $1 if $since;
		next unless $1 =~ /^rdtsc\b/;
		# A function that was inlined in two places counts once.
		if ($since) {
			my $text = join ';', map { s/\s.*//r } @$since;
			push @found, scalar @$since unless $seen{$text}++;
			undef $since;
		} else {
			$since = [];
		}
	}
	return @found;
}

my %versions = map { m{([^/]+)$} => 1 } grep { -x } map { glob "$_/{gcc,clang}-[1-9][0-9]" } split /:/, $ENV{PATH};
my @compilers = ((grep { !system "command -v $_ >/dev/null" } qw(gcc clang)), sort keys %versions);
plan skip_all => 'no objdump' if system 'command -v objdump >/dev/null';
for my $compiler (@compilers) {
	for my $options ('-O0', '-O2', '-O3 -funroll-loops', '-Os', '-O2 -ffreestanding -mgeneral-regs-only') {
		my $object = "$tmp/clock_check.o";
		my $said = qx($compiler -std=gnu11 $options -c $top/trace/clock_check.c -o $object 2>&1);
		is($?, 0, "$compiler $options: compiles") or diag $said;
		is(join(' ', sort { $a <=> $b } pairs($object)), "@wanted",
		    "$compiler $options: the instructions between the stamps");
	}
}
done_testing();
