# SPDX-License-Identifier: GPL-2.0-or-later
#
# Circles of files that #include does not show: A calls a function of B while B calls one of A. Read from the
# symbols (nm) of the objects that make up one program; static functions and data do not count.
package Links;
use strict;
use warnings;
use File::Basename qw(dirname);
use Tree;

# Headers by which a folder is given functions from above: calls of them lead to no circle.
my %supplied = (
	'bench/agent/agent.h' => 'image and module each supply console, ring and CPUs',
	'hv/host.h' => 'each host supplies memory, CPUs and formatting',
	'hv/metal/metal.h' => 'each image supplies metal_main(), as each program supplies main()',
);

# Circles that may be, by one of their edges, each with its reason.
our %circles = (
	'hv/metal/trap -> hv/metal/end' => 'a trap that nothing expects is a panic, and a panic sets traps',
	'hv/metal/traps -> hv/metal/trap' => 'the IDT names the stubs, the stubs call the handler',
);

# { program => { object => source without its suffix } }. Lists of objects are those that make has.
sub programs
{
	my ($root) = @_;
	local %ENV = %ENV;
	delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
	my %programs;
	for ([command => 'OBJ'], [image => 'IMAGE_OBJ']) {
		my ($program, $variable) = @$_;
		$programs{$program} = { map { ("$root/$_" => s{^build/(?:image/)?}{}r =~ s/(?:\.[cS])?\.o$//r) }
			split ' ', `make -s -C '$root' print-$variable 2>/dev/null` };
	}
	# Kbuild has the module's; those for one kernel are enough. An object may be left of a source that is gone,
	# and a module may be older than its sources.
	for my $folder (map { dirname($_) } sort glob "$root/build/module/*/exitstorm.ko") {
		my %objects = map { ($_ => s{^\Q$folder\E/}{}r =~ s/\.o$//r) }
			split /\n/, `find '$folder/bench' '$folder/hv' '$folder/trace' -name '*.o'`;
		my $old = 0;
		for my $object (keys %objects) {
			my ($source) = grep { -e } map { "$root/$objects{$object}.$_" } qw(c S);
			$old ||= $source && (stat $object)[9] < (stat $source)[9];
			delete $objects{$object} if !$source;
		}
		$programs{module} = \%objects if !$old;
	}
	return %programs;
}

# { A => { B => 'symbols that A asks for and B defines' } }
sub graph
{
	my ($tree, $objects) = @_;
	my (%defined_in, %asked, %graph);
	my @headers = grep { defined $tree->text($_) } sort keys %supplied;
	for my $object (sort keys %$objects) {
		my $unit = $objects->{$object};
		for my $line (split /\n/, `nm -P '$object'`) {
			my ($symbol, $type) = split / /, $line;
			$asked{$unit}{$symbol} = 1 if $type eq 'U';
			$defined_in{$symbol} = $unit if $type =~ /[A-TV-Z]/;
		}
	}
	for my $unit (keys %asked) {
		for my $symbol (sort keys %{ $asked{$unit} }) {
			my $from = $defined_in{$symbol} // $unit;
			next if $from eq $unit || grep { index($from, dirname($_) . '/') != 0 &&
				$tree->text($_) =~ /\b\Q$symbol\E\(/ } @headers;
			$graph{$unit}{$from} .= ($graph{$unit}{$from} ? ' ' : '') . $symbol;
		}
	}
	return \%graph;
}

# Circles of one program, or the objects that are not there.
sub complaints
{
	my ($tree, $objects) = @_;
	return 'no objects' if !%$objects;
	my @missing = map { "not built: $_" } grep { !-e } sort keys %$objects;
	return @missing ? @missing : Tree::circle_complaints(graph($tree, $objects), \%circles);
}

1;
