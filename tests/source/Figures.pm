# SPDX-License-Identifier: GPL-2.0-or-later
#
# Figures of a tree's shape, each with the places it was counted from. figures() gives [name, maximum, function
# of a Tree that returns places].
#
# Functions are found by the tree's style, which clang-format keeps for C: the opening brace of a function stands
# alone in the first column, or (JavaScript) ends a line that begins there, and the next closing brace in that
# column ends it. Counted are all lines from the one with the name to that brace. Python ends by indentation.
package Figures;
use strict;
use warnings;
use Tree;
use Layout;

my $braces = qr/\.(?:c|h|S|sh|bash|t|pl|pm|js)$/;

sub long_files
{
	my ($tree) = @_;
	my %lines = map { $_ => ($tree->text($_) =~ tr/\n//) } $tree->sources;
	return map { "$_: $lines{$_}" } sort { $lines{$b} <=> $lines{$a} || $a cmp $b }
		grep { $lines{$_} > 400 } keys %lines;
}

# [name, first line, lines] of each function.
sub functions
{
	my ($file, $text) = @_;
	return python_functions($text) if $file =~ /\.py$/ || $text =~ /\A#!.*python/;
	return () if $file !~ $braces && $text !~ /\A#!/;
	my ($number, $top, $start, $name, @found) = (0, 0);
	for my $line (split /\n/, $text) {
		$number++;
		if (!defined $start) {
			# The signature may take several lines; it begins at the last one in column 0.
			($top, $name) = ($number, $line) if $line =~ /^[A-Za-z_]/;
			$start = $top if $line =~ /^\{$/ || $line =~ /^(?:async )?function\b.*\{$/;
		} elsif ($line =~ /^\}/) {
			push @found, [$name =~ /(\w+)\s*\(/ ? $1 : $name, $start, $number - $start + 1];
			undef $start;
		}
	}
	return @found;
}

sub python_functions
{
	my ($text) = @_;
	my ($number, $last, @open, @found) = (0, 0);
	for my $line (split(/\n/, $text), 'end') {
		$number++;
		next if $line =~ /^\s*(?:#|$)/;
		my $indent = $line =~ /^(\s*)/ ? length $1 : 0;
		while (@open && $indent <= $open[-1][0] && $line !~ /^\s*\)/) {
			my ($depth, $name, $start) = @{ pop @open };
			push @found, [$name, $start, $last - $start + 1];
		}
		push @open, [$indent, $1, $number] if $line =~ /^\s*def (\w+)/;
		$last = $number;
	}
	return @found;
}

sub long_functions
{
	my ($tree) = @_;
	my @found;
	for my $file ($tree->sources) {
		push @found, map { [$_->[2], "$file:$_->[1]: $_->[0]: $_->[2]"] }
			grep { $_->[2] > 60 } functions($file, $tree->text($file));
	}
	return map { $_->[1] } sort { $b->[0] <=> $a->[0] || $a->[1] cmp $b->[1] } @found;
}

# The first word of a comment, or of a paragraph inside one.
sub opens_with_what
{
	my ($tree) = @_;
	my @found;
	for my $file ($tree->sources) {
		my ($number, $inside) = (0, 0);
		my $hash = $file !~ /\.(?:c|h|S|def|ld|js|css)$/;
		for my $line (split /\n/, $tree->text($file)) {
			$number++;
			my $comment = $hash ? $line =~ /(?:^|\s)#\s*(.*)/ ? $1 : '' :
				$line =~ m{(?:/\*+|//)\s*(.*)} || $line =~ m{^\s*\*(?!/)\s*(.*)} ? $1 : '';
			# A directive is no sentence that goes on in the next line.
			my $text = $comment =~ /SPDX-License|^limit: \d|^shellcheck / ? '' : $comment;
			# A comment beside code is one of its own.
			$inside = 0 if $line !~ m{^\s*(?:#|/\*|//|\*)};
			push @found, "$file:$number: $text" if !$inside && $text =~ /^what\b/i;
			$inside = $text ne '' && $line !~ m{\*/\s*$};
		}
	}
	return @found;
}

sub figures
{
	return (
		['circles of folders' => 0, \&Layout::folder_circles],
		['circles of files by #include, but for the named ones' => 0, \&Layout::file_circles],
		['files of more than 400 lines' => 5, \&long_files],
		['functions of more than 60 lines' => 0, \&long_functions],
		['comments that open with "What"' => 9, \&opens_with_what],
	);
}

1;
