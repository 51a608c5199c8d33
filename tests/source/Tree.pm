# SPDX-License-Identifier: GPL-2.0-or-later
#
# A source tree in memory: its files, their text, and the graphs that #include makes of them.
# Tree->new($root) reads the files that git knows or would add, or all files where there is no git.
package Tree;
use strict;
use warnings;
use File::Basename qw(basename dirname);
use File::Find qw(find);
use File::Spec;

my $source = qr{(?:\.(?:c|h|S|def|ld|gp|sh|bash|t|py|pl|pm|mk|js|css)|^Makefile|/(?:run|Kbuild))$};

sub new
{
	my ($class, $root) = @_;
	my $self = bless { root => $root, files => [files_of($root)], text => {} }, $class;
	for my $file (@{ $self->{files} }) {
		next if $file !~ $source && !script("$root/$file");
		open my $in, '<:raw', "$root/$file" or die "$root/$file: $!\n";
		local $/;
		$self->{text}{$file} = <$in> // '';
	}
	$self->{sources} = [sort keys %{ $self->{text} }];
	return $self;
}

sub files_of
{
	my ($root) = @_;
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

# Programs in a script language have no suffix.
sub script
{
	my ($path) = @_;
	return 0 if basename($path) =~ /\./;
	open my $in, '<:raw', $path or return 0;
	read $in, my $start, 2;
	return ($start // "") eq '#!';
}

sub files { return @{ $_[0]{files} }; }
sub sources { return @{ $_[0]{sources} }; }
sub compiled { return grep { /\.(?:c|h|S|def)$/ } $_[0]->sources; }
sub text { return $_[0]{text}{ $_[1] }; }

# The path of an #include "..." from the root, with .. resolved.
sub resolve
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
	my ($self, $file) = @_;
	return map { resolve($file, $_) } ($self->text($file) =~ /^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/mg);
}

# { A => { B => what makes A know B } } with name() of both files.
sub include_graph
{
	my ($self, $name) = @_;
	my %graph;
	for my $file ($self->compiled) {
		for my $included ($self->includes($file)) {
			my ($from, $to) = ($name->($file), $name->($included));
			next if $from eq $to;
			$graph{$from}{$to} .= ($graph{$from}{$to} ? ' ' : '') . basename($file) . '>' . basename($included);
		}
	}
	return \%graph;
}

# Tarjan: the sets of nodes that reach one another, of more than one node each.
sub circles
{
	my ($graph) = @_;
	my (%number, %low, %open, @stack, @found);
	my $visit;
	$visit = sub {
		my ($node) = @_;
		$number{$node} = $low{$node} = keys %number;
		push @stack, $node;
		$open{$node} = 1;
		for my $next (sort keys %{ $graph->{$node} // {} }) {
			$visit->($next) if !exists $number{$next};
			$low{$node} = $low{$next} if $open{$next} && $low{$next} < $low{$node};
		}
		return if $low{$node} != $number{$node};
		my @set;
		do { push @set, pop @stack; delete $open{$set[-1]}; } while $set[-1] ne $node;
		push @found, [sort @set] if @set > 1;
	};
	for my $node (sort keys %$graph) {
		$visit->($node) if !exists $number{$node};
	}
	return @found;
}

# The edges inside each circle, one string a circle; those of %$except ("A -> B") do not count. An edge of
# %$except whose files are here and that closes no circle is complained of: the list holds nothing that is not
# needed.
sub circle_complaints
{
	my ($graph, $except) = @_;
	my %in_circle;
	for my $circle (circles($graph)) {
		my %member = map { $_ => 1 } @$circle;
		for my $from (@$circle) {
			$in_circle{"$from -> $_"} = 1 for grep { $member{$_} } keys %{ $graph->{$from} // {} };
		}
	}
	my %rest;
	for my $from (keys %$graph) {
		$rest{$from}{$_} = $graph->{$from}{$_}
			for grep { !exists $except->{"$from -> $_"} } keys %{ $graph->{$from} };
	}
	my @bad = map { "no exception is needed for $_" }
		grep { !$in_circle{$_} && $graph->{ (split / /)[0] } } sort keys %$except;
	for my $circle (circles(\%rest)) {
		my %member = map { $_ => 1 } @$circle;
		my @edges;
		for my $from (@$circle) {
			push @edges, map { "$from -> $_ ($rest{$from}{$_})" }
				grep { $member{$_} } sort keys %{ $rest{$from} // {} };
		}
		push @bad, join "\n    ", @edges;
	}
	return @bad;
}

1;
