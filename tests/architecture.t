#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# The rules of tests/source (layout, circles, style), held against this tree. Each rule is also given a bad
# tree, and must complain of it.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use FindBin;
use lib "$FindBin::Bin/source";
use Tree;
use Example qw(make_tree);
use Layout;
use Links;
use Style;

my $top = abs_path(dirname($0) . '/..');
my $tree = Tree->new($top);
ok(scalar($tree->sources) > 20, 'the tree is found') or diag("in $top");
cmp_ok(scalar(Style::core($tree)), '>', 50, 'the list of the core is found');

my @rules = (Layout::rules(), Style::rules());
my %rule = map { $_->[0] => $_->[1] } @rules;
for my $rule (@rules) {
	my @bad = $rule->[1]->($tree);
	is(scalar @bad, 0, $rule->[0]) or diag(map { "  $_\n" } @bad);
}

my %programs = Links::programs($top);
for my $program (qw(command image module)) {
	SKIP: {
		skip 'no module of these sources was built', 1 if $program eq 'module' && !$programs{module};
		my @bad = Links::complaints($tree, $programs{$program});
		is(scalar @bad, 0, "no circle of files by calls: $program") or diag(map { "  $_\n" } @bad);
	}
}

# Bad trees: a rule, a file, its content, and the complaint (else one that begins with the file).
my $c = "// SPDX-License-Identifier: GPL-2.0-or-later\n";
my %good = (
	'trace/types.h' => "$c#ifdef __KERNEL__\n#endif\n#include <stdint.h>\n",
	'trace/record.h' => "$c#include \"types.h\"\nuint32_t record(void);\n",
	'hv/hv.h' => $c,
	'hv/hv.c' => "$c#include \"../trace/record.h\"\n#include \"hv.h\"\n",
	'hv/kvm/kvm.c' => "$c#include <errno.h>\n#include \"../hv.h\"\n",
	'hv/vmx/vmx.h' => "$c#include \"../hv.h\"\n",
	'hv/linux/host.h' => $c,
	'results/run.h' => "$c#include \"../trace/record.h\"\n",
	'analysis/output/table.h' => "$c#include \"../../trace/record.h\"\n",
	'analysis/compare/compare.h' => "$c#include \"../output/table.h\"\n",
	'analysis/plot/plot.h' => "$c#include \"../compare/compare.h\"\n",
	'bench/agent/sources.mk' => $tree->text('bench/agent/sources.mk'),
	'bench/plan/plan.h' => $c,
	'bench/machine/cpu.h' => $c,
	'bench/wire/wire.h' => "$c#include \"../plan/plan.h\"\n",
	'bench/targets/target.h' => "$c#include \"../wire/wire.h\"\n#include \"../machine/cpu.h\"\n",
	'bench/session/session.h' => "$c#include \"../targets/target.h\"\n",
	'bench/tracer/tracer.h' => "$c#include \"../machine/cpu.h\"\n",
	'bench/cli/run.c' => "$c#include \"../session/session.h\"\n#include \"../tracer/tracer.h\"\n",
	'tests/unit/test_record.c' => "$c#include \"../../trace/record.h\"\n",
	'tests/run' => "#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\n",
	'Makefile' => "# SPDX-License-Identifier: GPL-2.0-or-later\n",
);
my ($found, $arrows, $rooms, $folders, $place, $folder_circle, $file_circle, $level) =
	map { $_->[0] } Layout::rules();
my ($libc, $platform, $long, $licence, $ends, $alone, $foreign) = map { $_->[0] } Style::rules();
my @bad = (
	[$found, 'hv/a.c', "$c#include \"nowhere.h\"\n"],
	[$found, 'hv/a.c', "$c#include \"trace/record.h\"\n"],
	[$arrows, 'trace/a.c', "$c#include \"../hv/hv.h\"\n"],
	[$arrows, 'hv/a.c', "$c#include \"../bench/plan/plan.h\"\n"],
	[$arrows, 'hv/kvm/a.c', "$c # include \"../../results/run.h\"\n"],
	[$arrows, 'results/a.c', "$c#include \"../analysis/output/table.h\"\n"],
	[$arrows, 'analysis/show/a.c', "$c#include \"../../hv/hv.h\"\n"],
	[$arrows, 'analysis/show/a.c', "$c#include \"../../tests/unit/test_record.c\"\n"],
	[$rooms, 'trace/a.c', "$c#include \"../hv/hv.h\"\n", 'hv trace'],
	[$folders, 'bench/session/a.c', "$c#include \"../cli/run.c\"\n"],
	[$folders, 'bench/plan/a.h', "$c#include \"../wire/wire.h\"\n"],
	[$folders, 'bench/image/a.c', "$c#include \"../module/a.h\"\n"],
	[$folders, 'bench/wire/a.c', "$c#include \"../machine/cpu.h\"\n"],
	[$folders, 'bench/tracer/a.c', "$c#include \"../plan/plan.h\"\n"],
	[$folders, 'bench/session/a.c', "$c#include \"../tracer/tracer.h\"\n"],
	[$folders, 'hv/a.c', "$c#include \"vmx/vmx.h\"\n"],
	[$folders, 'hv/svm/a.c', "$c#include \"../vmx/vmx.h\"\n"],
	[$folders, 'hv/vmx/a.c', "$c#include \"../linux/host.h\"\n"],
	[$folders, 'hv/linux/a.c', "$c#include \"../vmx/vmx.h\"\n"],
	[$folders, 'analysis/output/a.c', "$c#include \"../compare/compare.h\"\n"],
	[$folders, 'analysis/compare/a.c', "$c#include \"../plot/plot.h\"\n"],
	[$place, 'bench/a.c', $c],
	[$place, 'analysis/a.h', $c],
	[$place, 'bench/other/a.c', $c],
	[$place, 'hv/xen/a.c', $c],
	[$folder_circle, 'bench/plan/a.h', "$c#include \"../wire/wire.h\"\n", 'bench/plan bench/wire'],
	[$file_circle, 'hv/hv.h', "$c#include \"kvm/kvm.h\"\n", 'hv/hv -> hv/kvm/kvm'],
	[$file_circle, 'trace/record.h', "$c#include \"types.h\"\n#include \"record.h\"\n#include \"a.h\"\n",
		'trace/a.h -> trace/record.h', 'trace/a.h' => "$c#include \"record.h\"\n"],
	[$level, 'src/a.c', $c, 'src'],
	[$libc, 'hv/a.c', "$c#include <stdio.h>\n"],
	[$libc, 'bench/runner/run.c', "$c#include <string.h>\n"],
	[$libc, 'bench/plan/plan.h', "$c#include <string.h>\n", 'bench/plan/plan.h: <string.h>',
		'bench/runner/run.c' => "$c#include \"../plan/plan.h\"\n"],
	[$platform, 'hv/a.c', "$c#if defined(__KERNEL__)\n#endif\n"],
	[$platform, 'bench/storms/table.c', "$c#ifdef __linux__\n#endif\n"],
	[$long, 'bench/cli/a.c', $c . "\n" x 600 . "int a;\n"],
	[$licence, 'bench/cli/a.c', "int a;\n"],
	[$licence, 'bench/cli/a.c', "int a;\n$c"],
	[$licence, 'tests/a.t', "#!/bin/sh\nexit 0\n"],
	[$licence, 'tests/a', "#!/bin/sh\nexit 0\n"],
	[$ends, 'bench/cli/a.c', "${c}int a; \n"],
	[$ends, 'bench/cli/a.c', "${c}int a;\r\n"],
	[$ends, 'bench/cli/a.c', "${c}int a;\n\n"],
	[$ends, 'bench/cli/a.c', "${c}int a;"],
	[$ends, 'bench/cli/a.c', "$c<<<<<<< HEAD\n"],
	[$alone, 'trace/a.h', "${c}u32 a(void);\n"],
	[$foreign, 'bench/vendor/a.c', $c],
	[$foreign, 'trace/vmlinux.h', $c],
);

my $good = make_tree(%good);
is_deeply([map { $_->[1]->($good) } @rules], [], 'a good tree has nothing to complain of');
for my $case (@bad) {
	my ($name, $file, $content, $complaint, %more) = @$case;
	my $bad = make_tree(%good, $file => $content, %more);
	$complaint //= $file;
	like(join("\n", $rule{$name}->($bad)), qr/^(?:    )?\Q$complaint\E/m, "seen to fail: $name");
}

# Bad objects: A calls B and B calls A; by way of a third; an object that is not there.
sub compile
{
	my ($folder, %sources) = @_;
	my %objects;
	while (my ($unit, $source) = each %sources) {
		my $object = "$folder/" . ($unit =~ tr{/}{_}r) . '.o';
		open my $gcc, '|-', "gcc -x c -c -o '$object' -" or die "gcc: $!\n";
		print $gcc $source;
		close $gcc or die "gcc: $unit\n";
		$objects{$object} = $unit;
	}
	return \%objects;
}

my @links = (
	['two files call one another', qr{^hv/a -> hv/b \(b\)\n    hv/b -> hv/a \(a\)$}m,
		'hv/a' => 'void b(void); void a(void) { b(); }', 'hv/b' => 'void a(void); void b(void) { a(); }'],
	['three files do', qr{^hv/a -> hv/b \(b\)\n    hv/b -> hv/c \(c\)\n    hv/c -> hv/a \(table\)$}m,
		'hv/a' => 'void b(void); void *table[] = { b };', 'hv/b' => 'void c(void); void b(void) { c(); }',
		'hv/c' => 'extern void *table[]; void *c(void) { return table[0]; }'],
	['a function of a contract\'s name does not count', qr{^$},
		'hv/a' => 'void host_free(void); void a(void) { host_free(); }',
		'user/b' => 'void a(void); void host_free(void) { a(); }'],
	['static functions do not count', qr{^$},
		'hv/a' => 'static void b(void) { } void a(void) { b(); }',
		'hv/b' => 'void a(void); void b(void) { a(); }'],
);
my $contract = make_tree('hv/host.h' => "void host_free(void);\n");
for my $case (@links) {
	my ($name, $wanted, %sources) = @$case;
	my @bad = Links::complaints($contract, compile(tempdir(CLEANUP => 1), %sources));
	like(join("\n", @bad), $wanted, "by calls: $name");
}
like((Links::complaints($contract, { '/nowhere/a.o' => 'hv/a' }))[0], qr{^not built: /nowhere/a\.o$},
	'by calls: an object that is not there');
like((Tree::circle_complaints({ a => { b => 'x' } }, { 'a -> b' => 'why' }))[0],
	qr/^no exception is needed for a -> b$/, 'an exception that is not needed');
done_testing();
