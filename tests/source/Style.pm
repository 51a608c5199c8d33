# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rules for the text of each source file, beside its includes. rules() gives [name, function of a Tree that returns
# complaints].
package Style;
use strict;
use warnings;
use Tree;

my $types = 'trace/types.h';
my $licence = qr{SPDX-License-Identifier: GPL-2\.0-or-later(?: OR MIT)?\b};
my $platform = qr/__KERNEL__|__linux__|__unix__|__STDC_HOSTED__|_WIN32/;

# The files that run in a kernel and on bare metal, too, as bench/agent/sources.mk lists them, and all that
# they include; but for trace/types.h, which is there to tell the platforms apart.
sub core
{
	my ($tree) = @_;
	my $make = "include $tree->{root}/bench/agent/sources.mk\n" .
		'all: ; @echo $(AGENT) $(HV_VMX) $(HV_SVM) $(HV_INPLACE)';
	local %ENV = %ENV;
	delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
	my @open = split ' ', `make -s -f - ROOT='$tree->{root}/' 2>/dev/null <<'END'\n$make\nEND\n`;
	my %core;
	while (defined(my $file = shift @open)) {
		next if $core{$file} || $file eq $types || !defined $tree->text($file);
		$core{$file} = 1;
		push @open, $tree->includes($file);
	}
	my @core = sort keys %core;
	return @core;
}

sub libc
{
	my ($tree) = @_;
	my @bad;
	for my $file (core($tree)) {
		push @bad, map { "$file: <$_>" }
			$tree->text($file) =~ /^[ \t]*#[ \t]*include[ \t]*<([^>]+)>/mg;
	}
	return @bad;
}

sub platform
{
	my ($tree) = @_;
	return grep { $tree->text($_) =~ /^[ \t]*#[ \t]*(?:el)?if.*$platform/m } core($tree);
}

sub too_long
{
	my ($tree) = @_;
	return grep { ($tree->text($_) =~ tr/\n//) > 600 } $tree->sources;
}

sub licence
{
	my ($tree) = @_;
	return grep {
		my ($first, $second) = split /\n/, $tree->text($_), 3;
		($first // '') !~ $licence && !(($first // '') =~ /^#!/ && ($second // '') =~ $licence);
	} $tree->sources;
}

sub line_ends
{
	my ($tree) = @_;
	return grep { $tree->text($_) =~ /[ \t\r]$|\n\n\z|[^\n]\z|^(?:<{7}|>{7}|={7})(?: |$)/m }
		$tree->sources;
}

# Headers of a kernel and of an eBPF program need headers that no process has.
sub header_alone
{
	my ($tree) = @_;
	my $flags = `pkg-config --cflags jansson gsl 2>/dev/null`;
	chomp $flags;
	my $elsewhere = qr{^(?:hv/linux|bench/module|tests/beds/linux/state)/(?!uapi)|\.bpf\.h$};
	my @bad;
	for my $file (grep { /\.h$/ && $_ !~ $elsewhere } $tree->sources) {
		my $said = `cd '$tree->{root}' && gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror \\
			-fsyntax-only -x c $flags '$file' 2>&1`;
		push @bad, "$file: " . (split /\n/, $said)[0] if $? != 0;
	}
	return @bad;
}

sub foreign
{
	my ($tree) = @_;
	return grep { m{(?:^|/)(?:vendor|vendored|third_party|thirdparty|external)/} ||
		m{(?:^|/)vmlinux\.h$|\.(?:o|a|so|ko|pyc|orig|rej)$|~$} } $tree->files;
}

sub rules
{
	return (
		['the core has no libc' => \&libc],
		['the core has no #if by platform' => \&platform],
		['no file has more than 600 lines' => \&too_long],
		['every source file has its SPDX line first' => \&licence],
		['no white space at the end of a line or file, no conflict marks' => \&line_ends],
		['every header can be included by itself' => \&header_alone],
		['no code of others, nothing generated' => \&foreign],
	);
}

1;
