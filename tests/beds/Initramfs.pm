# SPDX-License-Identifier: GPL-2.0-or-later
#
# The initramfs of a bed: busybox, exitstorm, the tests, the files and kernel modules that they ask for.
# Initramfs::build($folder, kernel => FOLDER, release => ..., tests => [...], ...) makes $folder/initramfs.
package Initramfs;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(basename dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);

our @EXPORT_OK = qw(slurp spew head);
my $here = abs_path(dirname(__FILE__));
my $top = abs_path("$here/../..");
my $stage; # the root of the initramfs, as a folder

sub slurp
{
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!\n";
	return do { local $/; <$file> };
}

sub spew
{
	my ($path, $text) = @_;
	make_path(dirname($path));
	open my $file, '>:raw', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

# The lines "# key: words" of a test's head.
sub head
{
	my ($text, $key) = @_;
	return map { split } substr($text, 0, 3000) =~ /^# $key: (.*)$/mg;
}

sub stage_file
{
	my ($from, $to) = @_;
	my $mode = (stat $from)[2] // die "$from: $!\n";
	make_path(dirname("$stage$to"));
	copy($from, "$stage$to") or die "$from: $!\n";
	chmod $mode & 0777, "$stage$to";
}

# Loading a module takes a fifth of the time without its signature and the names of its static functions:
# the kernel hashes the whole file, and searches all names for each location that ftrace might patch.
# __bpf_trace_* stay: by these names the kernel (6.12 and later) finds the argument types of a tracepoint,
# and without them it finds wrong ones and refuses tp_btf programs.
sub strip
{
	my ($module) = @_;
	system("strip --strip-unneeded -w -K '__bpf_trace_*' '$module' 2>/dev/null");
}

sub stage_program
{
	my ($from, $to) = @_;
	stage_file($from, $to);
	return if substr(slurp($from), 0, 4) ne "\x7fELF";
	return strip("$stage$to") if $from =~ /\.ko$/;
	system("strip '$stage$to' 2>/dev/null");
	for my $library (qx(ldd '$from' 2>/dev/null) =~ m{(?:=> |^\s*)(/\S+) \(}mg) {
		stage_file($library, $library) if !-e "$stage$library";
	}
}

sub stage_files
{
	my ($release, $vmlinuz) = (shift, shift);
	for my $word (@_) {
		my ($from, $to) = split /=/, $word, 2;
		$from =~ s/%r/$release/g;
		$from =~ s/%v/$vmlinuz/g;
		$from = "$top/$from" if $from !~ m{^/};
		-e $from or die "tests/beds/run: no $from, which a test asks for\n";
		$to //= (-x $from && -f $from ? '/bin/' : '/lib/bed/') . basename($from);
		stage_program($from, $to);
	}
}

# A kernel's module and those that its depends= names. Newer kernels have them compressed by xz.
sub stage_modules
{
	my ($kernel, $release, @wanted) = @_;
	my %path;
	for my $path (split /\n/, qx(find '$kernel/lib/modules/$release' -name '*.ko*')) {
		(my $module = basename($path)) =~ s/\.ko.*//;
		$path{$module =~ tr/-/_/r} = $path;
	}
	my %done;
	while (my $module = shift @wanted) {
		$module =~ tr/-/_/;
		next if $done{$module}++;
		my $path = $path{$module} or die "tests/beds/run: kernel $release has no module $module\n";
		my $code = $path =~ /\.xz$/ ? qx(xz -dc '$path') : slurp($path);
		(my $to = $path) =~ s/^\Q$kernel\E|\.xz$//g;
		spew("$stage$to", $code);
		strip("$stage$to");
		push @wanted, split /,/, $1 if $code =~ /\0depends=([^\0]+)\0/;
	}
	system("busybox depmod -b '$stage' '$release'") == 0 or die "tests/beds/run: depmod failed\n";
}

sub build
{
	my ($folder, %bed) = @_;
	my @tests = @{ $bed{tests} };
	my ($busybox) = grep { -x } map { "$_/busybox" } qw(/bin /usr/bin);
	$busybox or die "tests/beds/run: no busybox (package busybox-static)\n";
	$stage = "$folder/root";
	make_path("$stage/tests/beds/linux");
	stage_file($busybox, '/bin/busybox');
	symlink 'busybox', "$stage/bin/sh";
	stage_file("$here/init", '/init');
	stage_file("$top/tests/lib.sh", '/tests/lib.sh');
	stage_program($ENV{EXITSTORM} || "$top/build/exitstorm", '/bin/exitstorm');
	for my $test (@tests) {
		spew("$stage/tests/beds/linux/$test->{name}", $test->{text});
		chmod 0755, "$stage/tests/beds/linux/$test->{name}";
	}
	spew("$stage/tests/list", join '', map { "$_->{name} $_->{limit}\n" } @tests);
	spew("$stage/tests/env", $bed{environment});
	stage_files($bed{release}, $bed{vmlinuz}, split(' ', $ENV{BED_FILES} // ''), map { head($_->{text}, 'files') } @tests);
	stage_modules($bed{kernel}, $bed{release}, $bed{module}, 'msr', split(' ', $ENV{BED_MODULES} // ''),
	    map { head($_->{text}, 'modules') } @tests);
	system("cd '$stage' && find . | busybox cpio -o -H newc >'$folder/initramfs' 2>/dev/null") == 0
	    or die "tests/beds/run: cpio failed\n";
}

1;
