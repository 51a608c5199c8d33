#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 60
# beside: others
#
# The READMEs and CONTRIBUTING.md against the tree and the program: links and paths lead somewhere, commands
# and options exist, the table on the front page is what the command above it prints. Each rule is also
# given a bad text, so that it is seen to fail.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;

my $top = abs_path(dirname($0) . '/..');
chdir $top or die "$top: $!\n";
my $exitstorm = $ENV{EXITSTORM} // 'build/exitstorm';
my %lines = ('README.md' => 150, 'hv/README.md' => 150, 'bench/README.md' => 150);
my @texts = ('README.md', '.github/CONTRIBUTING.md', '.github/SECURITY.md', glob('*/README.md results/reference/README.md'));

sub slurp
{
	my ($file) = @_;
	open my $in, '<:raw', $file or return '';
	local $/;
	return <$in> // '';
}

# As GitHub makes them of headings.
sub anchors
{
	my ($text) = @_;
	my %anchor;
	$text =~ s/^```.*?^```$//msg;
	for my $heading ($text =~ /^#+ (.*)$/mg) {
		my $anchor = lc $heading;
		$anchor =~ s/[^a-z0-9 _-]//g;
		$anchor =~ tr/ /-/;
		$anchor{$anchor} = 1;
	}
	return \%anchor;
}

sub blocks { return $_[0] =~ /^```\w*\n(.*?)^```$/msg; }

sub code
{
	my ($text) = @_;
	my @code = blocks($text);
	$text =~ s/^```.*?^```$//msg;
	return (@code, $text =~ /`([^`]+)`/g);
}

my $makefiles = join '', map { slurp($_) } 'Makefile', glob('*/*.mk */*/*.mk');
my %command = map { $_ => 1 } split ' ', `'$exitstorm' --complete commands`;
my %help;

sub help
{
	my ($command) = @_;
	$help{$command} //= `'$exitstorm' $command --help 2>&1`;
	return $help{$command};
}

my @rules = (
	['links lead to files and headings' => 'see [this](nowhere.md)', sub {
		my ($file, $text) = @_;
		my @bad;
		for my $link ($text =~ /\]\(([^)\s]+)\)/g) {
			next if $link =~ m{^https?://};
			my ($path, $anchor) = split /#/, $link, 2;
			my $to = $path eq '' ? $file : dirname($file) . "/$path";
			push @bad, $link if !-e $to ||
				defined $anchor && !anchors($path eq '' ? $text : slurp($to))->{$anchor};
		}
		return @bad;
	}],
	['paths are there' => 'see `hv/nothing.c`', sub {
		my ($file, $text) = @_;
		my @bad;
		for my $code ($text =~ /`([^`\n]+)`/g) {
			next if $code !~ m{^((?:\.\./)?\.?[a-z]\w*)/[\w./*-]*$} || $1 eq 'build';
			next if !-d $1 && !-d dirname($file) . "/$1" || $code =~ m{/[A-Z]+\b(?!\.md)};
			my ($there) = grep { -e } map { glob($_) } $code, dirname($file) . "/$code";
			push @bad, $code if !$there;
		}
		return @bad;
	}],
	['exitstorm has the commands and their options' => '`exitstorm show RUN --pretty`', sub {
		my ($file, $text) = @_;
		my @bad;
		for my $line (map { split /\n/ } code($text)) {
			next if $line !~ m{(?:^|[ /;&])exitstorm ([a-z]+)\b(.*)};
			my ($command, $options) = ($1, $2);
			$options =~ s/ -- .*|[;&|#].*//;
			next if $line =~ m{modprobe|rmmod};
			push @bad, $command if !$command{$command};
			push @bad, map { "$command $_" } grep { help($command) !~ /(?<![\w-])\Q$_\E(?![\w-])/ }
				$options =~ /(?<= )(--?[a-z][a-z-]*)/g;
		}
		return @bad;
	}],
	['make has the targets' => "```\nmake everything # now\n```\n", sub {
		my ($file, $text) = @_;
		my @bad;
		for my $code (map { split /\n/ } code($text)) {
			$code =~ s/ #.*//;
			for my $words ($code =~ /(?:^|&& |sudo |=\w+ )make\b([^&]*)/g) {
				push @bad, grep { $makefiles !~ /^\Q$_\E:/m } grep { /^[a-z][a-z-]*$/ } split ' ', $words;
			}
		}
		return @bad;
	}],
	['no line is longer than 140 characters, tables apart' => 'x' x 141, sub {
		my ($file, $text) = @_;
		utf8::decode($text);
		return grep { length > 140 && !/^\|/ } split /\n/, $text;
	}],
);

for my $rule (@rules) {
	my ($name, $bad, $check) = @$rule;
	for my $file (@texts) {
		my @found = $check->($file, slurp($file));
		is(scalar @found, 0, "$file: $name") or diag(map { "  $_\n" } @found);
	}
	ok(scalar($check->('README.md', $bad)), "seen to fail: $name");
}
for my $file (sort keys %lines) {
	my $count = () = slurp($file) =~ /\n/g;
	ok($count <= $lines{$file}, "$file has at most $lines{$file} lines") or diag("it has $count");
}
my ($table) = grep { /^guest target/ } blocks(slurp('README.md'));
my $printed = `'$exitstorm' show --width 80 results/reference/guest-firecracker`;
is(substr($printed, 0, length $table), $table, 'the front page has what exitstorm show prints');
done_testing();
