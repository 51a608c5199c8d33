# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which folder may include which. rules() gives [name, function of a Tree that returns complaints].
package Layout;
use strict;
use warnings;
use File::Basename qw(dirname);
use Tree;

# Top-level folders: each may include itself and these.
my %may = (
	bench => [qw(analysis results hv trace)],
	analysis => [qw(results trace)],
	results => [qw(trace)],
	hv => [qw(trace)],
	trace => [],
	tests => [qw(bench analysis results hv trace)],
);
my %top = map { $_ => 1 } keys %may,
	qw(Makefile README.md LICENSE CITATION.cff packaging examples .ci .github .clang-format .gitignore);

# Folders inside one of them, from the top down: each may include those of the rows below. '.' is the
# folder itself; where no row has it, no source file may lie in it.
my %order = (
	bench => [
		['cli'],
		['campaign'],
		['session'],
		['targets', 'tracer'],
		['image', 'module'],
		['agent'],
		['wire'],
		['runner', 'guest'],
		['storms'],
		['plan', 'machine', 'setup'],
	],
	hv => [
		['vmx', 'svm', 'kvm', 'process', 'inplace', 'linux', 'metal', 'user'],
		['.'],
	],
	analysis => [
		['archive', 'report', 'export', 'join'],
		['plot'],
		['store'],
		['compare'],
		['show'],
		['stats'],
		['describe'],
		['output', 'figures'],
	],
);
# Of those below it, a folder named here may include these only.
my %only = ('bench/tracer' => ['bench/machine']);
# A folder named here may be included by these only.
my %only_for = (
	'bench/tracer' => ['bench/cli'],
	'bench/machine' => [map { "bench/$_" } qw(cli session targets tracer)],
);

# Circles of files by #include that may be, by one of their edges, each with its reason.
our %file_circles = (
);

sub room { return $_[0] =~ m{^([^/]+)/} ? $1 : ''; }

# hv/vmx of hv/vmx/exit.c, hv/. of hv/hv.c
sub folder
{
	my ($file) = @_;
	return $file =~ m{^([^/]+/[^/]+)/} ? $1 : room($file) . '/.';
}

# X.h and X.c are one: hv/vmx/exit. A header without a source file of its name is its own.
sub unit
{
	my ($tree, $file) = @_;
	my $stem = $file =~ s/\.(?:c|h|S)$//r;
	return $file if $file =~ /\.h$/ && !grep { defined $tree->text("$stem.$_") } qw(c S);
	return $stem;
}

# { 'bench/cli' => 0, 'bench/session' => 1, ... }
sub rows
{
	my ($room) = @_;
	my %row;
	for my $number (0 .. $#{ $order{$room} }) {
		$row{"$room/$_"} = $number for @{ $order{$room}[$number] };
	}
	return %row;
}

sub fits
{
	my ($from, $to, $row) = @_;
	return 1 if $from eq $to;
	return 0 if !exists $row->{$from} || !exists $row->{$to} || $row->{$from} >= $row->{$to};
	return 0 if $only{$from} && !grep { $_ eq $to } @{ $only{$from} };
	return 0 if $only_for{$to} && !grep { $_ eq $from } @{ $only_for{$to} };
	return 1;
}

sub not_found
{
	my ($tree) = @_;
	my @bad;
	for my $file ($tree->compiled) {
		push @bad, map { "$file: $_" } grep { !-f "$tree->{root}/$_" } $tree->includes($file);
	}
	return @bad;
}

sub room_arrows
{
	my ($tree) = @_;
	my @bad;
	for my $file ($tree->compiled) {
		my $from = room($file);
		for my $to ($tree->includes($file)) {
			next if room($to) eq $from || grep { $_ eq room($to) } @{ $may{$from} // [] };
			push @bad, "$file includes $to";
		}
	}
	return @bad;
}

sub folder_arrows
{
	my ($tree) = @_;
	my @bad;
	for my $room (sort keys %order) {
		my %row = rows($room);
		for my $file (grep { room($_) eq $room } $tree->compiled) {
			push @bad, map { "$file includes $_" }
				grep { room($_) eq $room && !fits(folder($file), folder($_), \%row) }
				$tree->includes($file);
		}
	}
	return @bad;
}

sub folder_unknown
{
	my ($tree) = @_;
	my @bad;
	for my $room (sort keys %order) {
		my %row = rows($room);
		push @bad, grep { room($_) eq $room && !exists $row{folder($_)} } $tree->sources;
	}
	return @bad;
}

sub room_circles
{
	my ($tree) = @_;
	return map { join ' ', @$_ } Tree::circles($tree->include_graph(\&room));
}

sub folder_circles
{
	my ($tree) = @_;
	return map { join ' ', @$_ } Tree::circles($tree->include_graph(\&folder));
}

# A header without a source file (types.h, private.h) is no part of a circle of units: X.c includes
# private.h, which includes X.h, in many folders, and nothing is called in a circle.
sub file_circles
{
	my ($tree) = @_;
	my $units = $tree->include_graph(sub { unit($tree, $_[0]) });
	for my $node (grep { /\.h$/ } keys %$units) {
		delete $units->{$node};
	}
	return (Tree::circle_complaints($units, \%file_circles),
		Tree::circle_complaints($tree->include_graph(sub { $_[0] }), {}));
}

sub top_level
{
	my ($tree) = @_;
	my %seen = map { (split m{/})[0] => 1 } $tree->files;
	return grep { !$top{$_} } sort keys %seen;
}

sub rules
{
	return (
		['every #include is found from the file that has it' => \&not_found],
		['a top-level folder includes those below it only' => \&room_arrows],
		['no circle of top-level folders' => \&room_circles],
		['a folder inside bench, hv or analysis includes those below it only' => \&folder_arrows],
		['every source file of bench, hv and analysis is in a folder that has a place in the order' => \&folder_unknown],
		['no circle of folders' => \&folder_circles],
		['no circle of files by #include' => \&file_circles],
		['the top level holds nothing else' => \&top_level],
	);
}

1;
