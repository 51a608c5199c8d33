#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
#
# table.t          compares hv/linux/kernels.def with what `make module-all` built here, and the texts that are made of it
#                  (the table in hv/README.md, the kernels for DKMS) with it. TAP; bench and doctor read the list, too.
# table.t --write  writes the list from what was built here and what the beds ran, and the texts. After `make module-all`
#                  lines that Debian offers no more are left out.
#
# A row is a line of kernels (6.12) of one Debian: major, minor, Debian, gcc, the flavours for which exitstorm.ko
# compiled without a warning, the beds in which its cloud kernel ran module.t.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;

my $top = abs_path(dirname($0) . '/../..');
my ($list, $readme, $dkms) = map { "$top/$_" } qw(hv/linux/kernels.def hv/README.md bench/module/dkms.conf);
my %bed = ('bochs-vmx' => 'VMX (Bochs)', 'qemu-svm' => 'SVM (QEMU)');

sub slurp
{
	open my $file, '<', $_[0] or return '';
	return do { local $/; <$file> } // '';
}

sub spew
{
	open my $file, '>', $_[0] or die "$_[0]: $!\n";
	print $file $_[1];
	close $file or die "$_[0]: $!\n";
}

# "6.12.117+deb12-cloud-amd64" -> ("6.12 12", "cloud"). Debian 12's own kernel is the last without a generation.
sub row_of
{
	my ($release) = @_;
	my ($line, $debian, $flavour) = $release =~ /^(\d+\.\d+)\.[^-]*?(?:\+deb(\d+)[\d.]*)?(?:-\d+)?-((?:cloud-|rt-)?amd64)$/
	    or die "$release: not Debian's\n";
	return ("$line " . ($debian // 12), $flavour =~ s/-amd64//r);
}

sub numerically
{
	my @a = split /[. ]/, $a;
	my @b = split /[. ]/, $b;
	return $a[0] <=> $b[0] || $a[1] <=> $b[1] || $a[2] <=> $b[2];
}

# {"6.12 12" => {gcc, flavours => {amd64 => 1, ...}, beds => {...}}}
sub listed
{
	my %row;
	for (slurp($list) =~ /^KERNEL\((.*)\)$/mg) {
		my ($major, $minor, $debian, $gcc, $flavours, $beds) = /^(\d+), (\d+), (\d+), (\d+), "(.*)", "(.*)"$/ or die "$list: $_\n";
		$row{"$major.$minor $debian"} = { gcc => $gcc, flavours => { map { $_ => 1 } split ' ', $flavours },
			                          beds => { map { $_ => 1 } split ' ', $beds } };
	}
	return \%row;
}

# As the list, and {bad} with the flavours that did not compile, or with a warning. Beds count that ran this very module.
sub built
{
	my %row;
	for (split /\n/, slurp("$top/build/module/headers")) {
		my ($release, undef, $compiler) = split;
		my $folder = "$top/build/module/$release";
		my ($key, $flavour) = row_of($release);
		my $status = slurp("$folder/status");
		next if $status !~ /^\d/; # not tried, or not yet
		my $row = $row{$key} //= { flavours => {}, beds => {}, bad => {} };
		($row->{gcc}) = ($compiler // '') =~ /(\d+)/;
		my $good = $status eq "0\n" && slurp("$folder/said") !~ /warning:|error:/i;
		$row->{ $good ? 'flavours' : 'bad' }{$flavour} = $release;
		my $sum = (split ' ', qx(cksum <'$folder/exitstorm.ko' 2>/dev/null))[0] // '';
		$row->{beds}{$_} = 1 for slurp("$folder/ran") =~ /^(\S+) $sum$/mg;
	}
	return \%row;
}

sub words
{
	return join $_[0], sort keys %{ $_[1] };
}

sub kernels_def
{
	my ($row) = @_;
	my $text = <<~'END';
	/* SPDX-License-Identifier: GPL-2.0-or-later */
	/*
	 * Written by tests/module/table.t: the kernels of Debian for which exitstorm.ko compiles without a warning.
	 *
	 * KERNEL(major, minor, Debian, gcc, flavours, beds that ran it on the cloud flavour)
	 */
	END
	for my $key (sort numerically keys %$row) {
		my ($major, $minor, $debian) = split /[. ]/, $key;
		$text .= sprintf qq{KERNEL(%d, %d, %d, %d, "%s", "%s")\n}, $major, $minor, $debian, $row->{$key}{gcc},
		    words(' ', $row->{$key}{flavours}), words(' ', $row->{$key}{beds});
	}
	return $text;
}

sub readme_table
{
	my ($row) = @_;
	my $text = "| kernel | Debian | by | compiles | ran |\n|---|---|---|---|---|\n";
	for my $key (sort numerically keys %$row) {
		my ($line, $debian) = split / /, $key;
		my $ran = join ', ', map { $bed{$_} } sort keys %{ $row->{$key}{beds} };
		$text .= sprintf "| %s | %d | gcc %d | %s | %s |\n", $line, $debian, $row->{$key}{gcc},
		    words(', ', $row->{$key}{flavours}), $ran;
	}
	return $text;
}

sub dkms_kernels
{
	my ($row) = @_;
	my %line = map { (split / /)[0] . ' 0' => 1 } keys %$row;
	return 'BUILD_EXCLUSIVE_KERNEL="^(' . join('|', map { (split / /)[0] =~ s/[.]/[.]/r } sort numerically keys %line) . ')[.]"';
}

my $listed = listed();
my $built = built();
my $table = qr/^\| kernel \| Debian .*?\n(?=\n)/ms;
my $exclusive = qr/^BUILD_EXCLUSIVE_KERNEL=.*$/m;

if (@ARGV && $ARGV[0] eq '--write') {
	my %row;
	for my $key (keys %$built) {
		my $row = $built->{$key};
		warn "$key: not for $_\n" for values %{ $row->{bad} };
		next if !%{ $row->{flavours} };
		$row->{flavours} = { %{ ($listed->{$key} // {})->{flavours} // {} }, %{ $row->{flavours} } };
		delete @{ $row->{flavours} }{ keys %{ $row->{bad} } };
		$row->{beds} = ($listed->{$key} // {})->{beds} // {} if !%{ $row->{beds} };
		$row{$key} = $row;
	}
	%row = (%$listed, %row) if !-e "$top/build/module/full";
	spew($list, kernels_def(\%row));
	spew($readme, slurp($readme) =~ s/$table/readme_table(\%row)/er);
	spew($dkms, slurp($dkms) =~ s/$exclusive/dkms_kernels(\%row)/er);
	exit 0;
}

is(slurp($list), kernels_def($listed), 'hv/linux/kernels.def has its form');
is((slurp($readme) =~ /($table)/)[0], readme_table($listed), 'hv/README.md has its kernels');
is((slurp($dkms) =~ /($exclusive)/)[0], dkms_kernels($listed), 'DKMS builds for its kernels only');
# dkms compares by bash.
for my $release ((map { (split / /)[0] . '.9+deb13-amd64' } keys %$listed), '6.5.0', '6.121.1', '16.1.3', '5.6.1.0') {
	my $builds = system('bash', '-c', "$1; " . '[[ "$1" =~ $BUILD_EXCLUSIVE_KERNEL ]]', 'bash', $release) == 0
	    if slurp($dkms) =~ /($exclusive)/;
	is($builds, $release =~ /[+]deb/, "DKMS: $release");
}
for my $key (sort numerically keys %$built) {
	my ($row, $claim) = ($built->{$key}, $listed->{$key});
	my ($line, $debian) = split / /, $key;
	if (!$claim) {
		diag("Linux $line of Debian $debian is new: " . (%{ $row->{bad} } ? 'exitstorm.ko does not compile' :
			'tests/module/table.t --write takes it into the list'));
		next;
	}
	is($row->{gcc}, $claim->{gcc}, "$line of Debian $debian: by the compiler of the list");
	ok(!%{ $row->{bad} }, "$line of Debian $debian: compiles without a warning") or diag(join ' ', values %{ $row->{bad} });
	my @all = keys %{ -e "$top/build/module/full" ? { %{ $claim->{flavours} }, %{ $row->{flavours} } } : $row->{flavours} };
	is_deeply([grep { !$row->{flavours}{$_} || !$claim->{flavours}{$_} } @all], [], "... in the flavours of the list");
}
# A claim that a bed ran it is one that a test renews: beds/run compares the list with what it has run.
my $beds = join "\n", map { slurp($_) } glob "$top/tests/beds/*.t";
my $newest = (sort numerically keys %$listed)[-1];
for my $key (sort numerically keys %$listed) {
	my ($line) = split / /, $key;
	my $name = $line eq '6.1' ? '' : $key eq $newest ? ':newest' : ":$line";
	for my $ran (sort keys %{ $listed->{$key}{beds} }) {
		like($beds, qr/run" \Q$ran$name\E(?=\s|$)/m, "$line: a test boots it in $ran");
	}
}
done_testing();
