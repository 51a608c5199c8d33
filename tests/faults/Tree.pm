# SPDX-License-Identifier: GPL-2.0-or-later
#
# The files that a command has made, in a form in which the products of two untouched processes are equal.
package Tree;
use strict;
use warnings;
use Digest::SHA qw(sha1_hex sha256_hex);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp qw(tempdir);
use JSON::PP;

our @EXPORT_OK = qw(slurp spew run_fault tree difference differing);

sub slurp
{
	my ($file) = @_;
	open my $in, '<:raw', $file or return undef;
	local $/;
	return scalar <$in>;
}

sub spew
{
	my ($file, $text) = @_;
	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out $text;
	close $out or die "$file: $!\n";
}

# On a busy machine a run may have no record that is not disturbed.
my %by_load = (records => 'word', clean => 'class', p50_clean => 'class');

# The part of a run that another of the same plan must have, too: all members and their types, and texts
# but for their digits.
sub shape
{
	my ($value) = @_;
	return { map { $_ => $by_load{$_} // shape($value->{$_}) } keys %$value } if ref $value eq 'HASH';
	return [map { shape($_) } @$value] if ref $value eq 'ARRAY';
	return 'null' if !defined $value;
	return $value ? 'true' : 'false' if JSON::PP::is_bool($value);
	return 'number' if $value =~ /^-?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i;
	return $value =~ s/\d+/9/gr;
}

# The sums of counts by leg and class in an array of histograms; undef: it is not whole.
sub counted
{
	my ($text) = @_;
	return undef if $text !~ /^\x93NUMPY\x01\x00(..)/s;
	my $begin = 10 + unpack('v', $1);
	substr($text, 0, $begin) =~ /'shape': \((\d+),\)/ or return undef;
	return undef if length($text) != $begin + 24 * $1;
	my %sum;
	for (my $at = $begin; $at < length $text; $at += 24) {
		my ($repeat, $vcpu, $leg, $clean, $bucket, $none, $count) = unpack 'v4V2Q<', substr($text, $at, 24);
		$sum{"$leg,$clean"} += $count;
	}
	return \%sum;
}

my @legs = qw(exit handler resume round_trip guest_visit entry_fail period);

# '': run.json and the arrays fit.
sub run_fault
{
	my ($folder) = @_;
	my $json = eval { decode_json(slurp("$folder/run.json") // '') } or return 'run.json cannot be read';
	for my $storm (@{ $json->{storms} }) {
		next if $storm->{status} ne 'measured' || !%{ $storm->{legs} };
		my $text = slurp("$folder/histograms/$storm->{name}.npy") // return "no histogram of $storm->{name}";
		my $sum = counted($text) or return "the histogram of $storm->{name} is cut";
		for my $number (0 .. $#legs) {
			my $leg = $storm->{legs}{ $legs[$number] } or next;
			return "$storm->{name}: the histogram of $legs[$number] has another count"
				if $leg->{all}{count} != ($sum->{"$number,0"} // 0);
		}
	}
	return '';
}

# The names in SHA256SUMS; the sums must be right.
sub sums
{
	my ($file) = @_;
	my ($top, @names) = dirname($file);
	for my $line (split /\n/, slurp($file)) {
		my ($sum, $name) = $line =~ /^([0-9a-f]{64})  (.+)$/ or return 'not sums';
		return "wrong sum of $name" if sha256_hex(slurp("$top/$name") // '') ne $sum;
		push @names, $name;
	}
	return "sums of @names";
}

# An archive's names, and what it holds but for figures, which have their time in them, and their sums.
sub packed
{
	my ($file) = @_;
	return sha1_hex(slurp($file)) if -s $file < 512;
	my $folder = tempdir('exitstorm-faults-XXXXXX', TMPDIR => 1);
	my $status = system 'tar', '-xf', $file, '-C', $folder;
	my $tree = tree($folder);
	for my $path (grep { /\.pdf$|SHA256SUMS$/ } keys %$tree) {
		$tree->{$path} = $path =~ /\.pdf$/ ? 'file' : sums("$folder$path");
	}
	system 'rm', '-rf', $folder;
	return $status ? 'cannot be unpacked' : join "\n", map { "$_ $tree->{$_}" } sort keys %$tree;
}

# Path -> content, in a form in which those of two untouched processes are equal. $contents, of path below it, text and
# path: the text that counts of such a file, undef for the form that other files have.
sub tree
{
	my ($folder, $contents) = @_;
	my %tree;
	find({ no_chdir => 1, wanted => sub {
		my $path = substr $_, length $folder;
		if (-l $_ || !-f _) {
			$tree{$path} = -d _ ? 'folder' : 'other';
		} elsif ($path =~ m{/run\.json$}) {
			my $run = $_ =~ s{/run\.json$}{}r;
			my $json = eval { decode_json(slurp($_)) };
			my $fault = $json ? run_fault($run) : 'not JSON';
			my $host = ref $json ? delete $json->{host} : {};
			delete @$json{qw(meanwhile in_turn uuid)} if ref $json;
			$tree{$path} = $fault || JSON::PP->new->canonical->encode(shape($json));
			$tree{"$path:host"} = @{ $host->{not_known} // [] } ? 'said'
				: JSON::PP->new->canonical->encode(shape($host));
			my @failed = grep { $_->{status} eq 'failed' } @{ $json->{storms} // [] };
			$tree{"$path:failed"} = 'said' if !$fault && @failed && !grep { !length $_->{why} } @failed;
		} elsif ($path =~ /\.tar$/) {
			$tree{$path} = packed($_);
		} elsif ($path =~ /\.npy$/) {
			$tree{$path} = 'array';
		} else {
			my $text = slurp($_);
			$tree{$path} = ($contents ? $contents->($path, $text, $_) : undef) // sha1_hex($text);
		}
	} }, $folder);
	return \%tree;
}

sub difference
{
	my ($one, $other) = @_;
	my %all = (%$one, %$other);
	delete $all{$_} for grep { /:host$/ && ($other->{$_} // '') eq 'said' } keys %all;
	return join ' ', map { ($_ || '/') . (!exists $one->{$_} ? '(more)' : !exists $other->{$_} ? '(missing)' :
		$one->{$_} eq $other->{$_} ? '' : differing($one->{$_}, $other->{$_})) }
		grep { ($one->{$_} // '-') ne ($other->{$_} // '-') } sort keys %all;
}

# The first places at which they differ.
sub differing
{
	my ($one, $other) = @_;
	return '(differs)' if length $one < 50 && $other =~ /^[0-9a-f]{40}$/;
	my $at = 0;
	$at++ while $at < length $one && $at < length $other && substr($one, $at, 1) eq substr($other, $at, 1);
	$at = $at > 40 ? $at - 40 : 0;
	return '(' . substr($one, $at, 80) . ' <> ' . substr($other, $at, 80) . ')';
}

1;
