#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
#
# The figures that tests/source/figures prints, held to their maxima in this tree. Each is also taken of a
# small tree whose figure is known.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use FindBin;
use lib "$FindBin::Bin/source";
use Tree;
use Example qw(make_tree);
use Figures;

my $tree = Tree->new(abs_path(dirname($0) . '/..'));
my @figures = Figures::figures();
my %places = map { $_->[0] => $_->[2] } @figures;
for my $figure (@figures) {
	my ($name, $maximum, $places) = @$figure;
	my @found = $places->($tree);
	cmp_ok(scalar @found, '<=', $maximum, $name) or diag(map { "  $_\n" } @found);
}

my $body = join '', map { "\ta($_);\n" } 1 .. 58;
my $less = $body =~ s/.*\n//r;
my $example = make_tree(
	'bench/plan/plan.h' => "#include \"../wire/wire.h\"\n",
	'bench/wire/wire.h' => "#include \"../plan/plan.h\"\n",
	'hv/a.h' => "#include \"b.h\"\n",
	'hv/a.c' => "int a;\n" x 400,
	'hv/b.h' => "#include \"a.h\"\n",
	'hv/b.c' => "int b;\n" x 401,
	'hv/long.c' => "static int\nlonger(int a,\n\tint b)\n{\n$body}\nint shorter(void)\n{\n$less}\n",
	'hv/what.c' => "/* What is counted. */\n/*\n * What is, too.\n *\n * what is a paragraph,\n" .
		" * what is none.\n */\nint a; /* what stands beside code */\n/* Whatever is not. */\n// What is\n",
	'tests/long.t' => "#!/bin/sh\nlonger()\n{\n${body}b\n}\n",
	'tests/long.py' => "class A:\n    def longer(self):\n" . "        a()\n" x 60 . "\n    def shorter(self):\n" .
		"        a()\n" x 59 . "b = 1\n",
	'tests/long.js' => "function longer() {\n${body}\tb();\n}\n",
	'tests/what' => "#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\n# What is counted\n#\n" .
		"# What is, too,\n# what is not\na # what is\n",
);
my %wanted = (
	'circles of folders' => ['bench/plan bench/wire'],
	'files of more than 400 lines' => ['hv/b.c: 401'],
	'functions of more than 60 lines' => ['hv/long.c:2: longer: 62', 'tests/long.js:1: longer: 61',
		'tests/long.py:2: longer: 61', 'tests/long.t:2: longer: 62'],
	'comments that open with "What"' => [(map { "hv/what.c:$_" } 1, 3, 5, 8, 10),
		(map { "tests/what:$_" } 3, 5, 7)],
);
for my $name (sort keys %wanted) {
	my @places = map { $name =~ /^comments/ ? s/^(.*?:\d+).*/$1/r : $_ } $places{$name}->($example);
	is_deeply([sort @places], [sort @{ $wanted{$name} }], "seen: $name");
}
is(scalar(grep { /^hv\/a -> hv\/b/ } $places{$figures[1][0]}->($example)), 1, "seen: $figures[1][0]");
done_testing();
