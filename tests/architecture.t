#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
#
# Holds the tree against its architecture. Each rule is a function that returns complaints; each is
# also fed a bad tree, so that it is seen to fail.
use strict;
use warnings;
use Cwd qw(abs_path getcwd);
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Path qw(make_path);
use File::Spec;
use File::Temp qw(tempdir);
use Test::More;

# Who may know whom. Arrows run down only; a room may always include itself.
my %may = (
	bench => [qw(analysis results hv trace)],
	analysis => [qw(results trace)],
	results => [qw(trace)],
	hv => [qw(trace)],
	trace => [],
	tests => [qw(bench analysis results hv trace)],
);
my %top = map { $_ => 1 } keys %may,
	qw(Makefile README.md LICENSE CITATION.cff .ci .clang-format .github .gitignore);

# What runs in a kernel and on bare metal too: no libc, no #if by platform.
my $core = qr{^(?:hv/(?!kvm/|user/|linux/|metal/)|trace/(?:types|stamp|record|histogram)\.|
	bench/(?:runner|storms|agent|plan/plan\.h|wire/wire\.))}x;
my $types = 'trace/types.h';
my $source = qr{(?:\.(?:c|h|S|def|ld|gp|sh|t|py|pl|mk)|^Makefile|/(?:run|Kbuild))$};
my $licence = qr{SPDX-License-Identifier: GPL-2\.0-or-later(?: OR MIT)?\b};

my ($root, @files, %text);

sub files_of
{
	my @found;
	if (-e "$root/.git" && `git -C '$root' rev-parse --is-inside-work-tree 2>/dev/null`) {
		@found = grep { -f "$root/$_" } split /\0/,
			`git -C '$root' ls-files -z --cached --others --exclude-standard`;
	} else {
		find({ no_chdir => 1, wanted => sub {
			my $name = File::Spec->abs2rel($File::Find::name, $root);
			$File::Find::prune = 1 if $name =~ m{^(?:\.git|build|results/runs)$};
			push @found, $name if -f && $name !~ m{^\.git};
		} }, $root);
	}
	my %once = map { $_ => 1 } @found;
	return sort keys %once;
}

sub load
{
	($root) = @_;
	@files = files_of();
	%text = ();
	for my $file (grep { /$source/ } @files) {
		open my $in, '<:raw', "$root/$file" or die "$root/$file: $!\n";
		local $/;
		$text{$file} = <$in> // '';
	}
}

sub room { return $_[0] =~ m{^([^/]+)/} ? $1 : ''; }

# The path of an #include "…", as it stands from the root; with .. resolved.
sub target
{
	my ($file, $include) = @_;
	my @parts;
	for my $part (split m{/}, dirname($file) . "/$include") {
		next if $part eq '.' || $part eq '';
		if ($part eq '..') { return "../$include" if !@parts; pop @parts; next; }
		push @parts, $part;
	}
	return join '/', @parts;
}

sub includes
{
	my ($file) = @_;
	return $text{$file} =~ /^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/mg;
}

sub compiled { return grep { /\.(?:c|h|S|def)$/ } sort keys %text; }

my @rules = (
	['every #include is found from the file that has it' => sub {
		my @bad;
		for my $file (compiled()) {
			push @bad, map { "$file: $_" }
				grep { !-f "$root/" . target($file, $_) } includes($file);
		}
		return @bad;
	}],
	['arrows run down only' => sub {
		my @bad;
		for my $file (compiled()) {
			my $from = room($file);
			for my $to (map { target($file, $_) } includes($file)) {
				next if room($to) eq $from;
				next if grep { $_ eq room($to) } @{ $may{$from} // [] };
				push @bad, "$file includes $to";
			}
		}
		return @bad;
	}],
	['no circle between rooms' => sub {
		my %to;
		for my $file (compiled()) {
			$to{room($file)}{room(target($file, $_))} = 1 for includes($file);
		}
		# What leads nowhere and what nothing leads to falls away; circles remain.
		my ($before, %left) = (-1, map { $_ => 1 } keys %to);
		while (keys %left != $before) {
			$before = keys %left;
			for my $room (keys %left) {
				my @down = grep { $left{$_} && $_ ne $room } keys %{ $to{$room} };
				my @up = grep { $to{$_}{$room} && $_ ne $room } keys %left;
				delete $left{$room} if !@down || !@up;
			}
		}
		return %left ? join ' ', sort keys %left : ();
	}],
	['the core has no libc' => sub {
		my @bad;
		for my $file (grep { /$core/ && $_ ne $types } compiled()) {
			push @bad, map { "$file: <$_>" }
				$text{$file} =~ /^[ \t]*#[ \t]*include[ \t]*<([^>]+)>/mg;
		}
		return @bad;
	}],
	['the core has no #if by platform' => sub {
		my $platform = qr/__KERNEL__|__linux__|__unix__|__STDC_HOSTED__|_WIN32/;
		return grep { /$core/ && $_ ne $types &&
			$text{$_} =~ /^[ \t]*#[ \t]*(?:el)?if.*$platform/m } compiled();
	}],
	['no file has more than 600 lines' => sub {
		return grep { ($text{$_} =~ tr/\n//) > 600 } sort keys %text;
	}],
	['every source file has its SPDX line first' => sub {
		return grep {
			my ($first, $second) = split /\n/, $text{$_}, 3;
			($first // '') !~ $licence &&
				!(($first // '') =~ /^#!/ && ($second // '') =~ $licence);
		} sort keys %text;
	}],
	['lines end where their text ends' => sub {
		return grep { $text{$_} =~ /[ \t\r]$|\n\n\z|[^\n]\z|^(?:<{7}|>{7}|={7})(?: |$)/m }
			sort keys %text;
	}],
	['every header stands by itself' => sub {
		my $flags = `pkg-config --cflags jansson gsl 2>/dev/null`;
		chomp $flags;
		my @bad;
		# Those of a kernel and of an eBPF program stand on headers that no process has.
		my $elsewhere = qr{^(?:hv/linux|bench/module)/(?!uapi)|\.bpf\.h$};
		for my $file (grep { /\.h$/ && $_ !~ $elsewhere } sort keys %text) {
			my $said = `cd '$root' && gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \\
				-fsyntax-only -x c $flags '$file' 2>&1`;
			push @bad, "$file: " . (split /\n/, $said)[0] if $? != 0;
		}
		return @bad;
	}],
	['the top level is what it is to be' => sub {
		my %seen = map { (split m{/})[0] => 1 } @files;
		return grep { !$top{$_} } sort keys %seen;
	}],
	['no code of others, nothing generated' => sub {
		return grep { m{(?:^|/)(?:vendor|vendored|third_party|thirdparty|external)/} ||
			m{(?:^|/)vmlinux\.h$|\.(?:o|a|so|ko|pyc|orig|rej)$|~$} } @files;
	}],
);

sub complaints
{
	my ($rule) = @_;
	return $rule->[1]->();
}

my $top = abs_path(dirname($0) . '/..');
load($top);
ok(scalar(keys %text) > 20, 'the tree is found') or diag("in $top");
for my $rule (@rules) {
	my @bad = complaints($rule);
	is(scalar @bad, 0, $rule->[0]) or diag(map { "  $_\n" } @bad);
}

# Bad trees: rule, file, its content. Each must be complained of, by that rule.
my $c = "// SPDX-License-Identifier: GPL-2.0-or-later\n";
my %good = (
	'trace/types.h' => "$c#ifdef __KERNEL__\n#endif\n#include <stdint.h>\n",
	'trace/record.h' => "$c#include \"types.h\"\nuint32_t record(void);\n",
	'hv/hv.c' => "$c#include \"../trace/record.h\"\n",
	'hv/kvm/kvm.c' => "$c#include <errno.h>\n#include \"../../trace/record.h\"\n",
	'results/run.c' => "$c#include \"../trace/record.h\"\n",
	'analysis/stats.c' => "$c#include \"../trace/record.h\"\n",
	'bench/run.c' => "$c#include \"../trace/record.h\"\n",
	'tests/unit/test_record.c' => "$c#include \"../../trace/record.h\"\n",
	'Makefile' => "# SPDX-License-Identifier: GPL-2.0-or-later\n",
);
my @bad = (
	[0, 'hv/a.c', "$c#include \"nowhere.h\"\n"],
	[0, 'hv/a.c', "$c#include \"trace/record.h\"\n"],
	[1, 'trace/a.c', "$c#include \"../hv/hv.c\"\n"],
	[1, 'hv/a.c', "$c#include \"../bench/run.c\"\n"],
	[1, 'hv/kvm/a.c', "$c # include \"../../results/run.c\"\n"],
	[1, 'results/a.c', "$c#include \"../analysis/stats.c\"\n"],
	[1, 'analysis/a.c', "$c#include \"../hv/hv.c\"\n"],
	[1, 'analysis/a.c', "$c#include \"../tests/unit/test_record.c\"\n"],
	[2, 'trace/a.c', "$c#include \"../hv/hv.c\"\n"],
	[3, 'hv/a.c', "$c#include <stdio.h>\n"],
	[3, 'bench/runner/run.c', "$c#include <string.h>\n"],
	[4, 'hv/a.c', "$c#if defined(__KERNEL__)\n#endif\n"],
	[4, 'bench/storms/table.c', "$c#ifdef __linux__\n#endif\n"],
	[5, 'bench/a.c', $c . "\n" x 600 . "int a;\n"],
	[6, 'bench/a.c', "int a;\n"],
	[6, 'bench/a.c', "int a;\n$c"],
	[6, 'tests/a.t', "#!/bin/sh\nexit 0\n"],
	[7, 'bench/a.c', "${c}int a; \n"],
	[7, 'bench/a.c', "${c}int a;\r\n"],
	[7, 'bench/a.c', "${c}int a;\n\n"],
	[7, 'bench/a.c', "${c}int a;"],
	[7, 'bench/a.c', "$c<<<<<<< HEAD\n"],
	[8, 'trace/a.h', "${c}u32 a(void);\n"],
	[9, 'src/a.c', $c],
	[10, 'bench/vendor/a.c', $c],
	[10, 'trace/vmlinux.h', $c],
);

sub make_tree
{
	my (%files) = @_;
	my $tree = tempdir(CLEANUP => 1);
	while (my ($file, $content) = each %files) {
		make_path("$tree/" . dirname($file));
		open my $out, '>:raw', "$tree/$file" or die "$tree/$file: $!\n";
		print $out $content;
		close $out or die "$tree/$file: $!\n";
	}
	return $tree;
}

load(make_tree(%good));
is_deeply([map { complaints($_) } @rules], [], 'a good tree has nothing to complain of');
for my $case (@bad) {
	my ($number, $file, $content) = @$case;
	load(make_tree(%good, $file => $content));
	like(join("\n", complaints($rules[$number])), $number == 2 ? qr/^hv trace$/ :
		$number == 9 ? qr/^src$/ : qr/^\Q$file\E/m, "seen to fail: $rules[$number][0]");
}
done_testing();
