#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
#
# The list of storms that test beds have executed: its rows are storms, `list` marks those without a row,
# and tests/tested complains of a run that contradicts it, both ways.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $top = abs_path(dirname($0) . '/../..');
my $command = $ENV{EXITSTORM} // "$top/build/exitstorm";
my $tmp = tempdir(CLEANUP => 1);

sub text_of
{
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return <$file>;
}

sub write_text
{
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

my %listed = text_of("$top/bench/storms/tested.def") =~ /^TESTED\((\w+), "([^"]+)"\)$/mg;
my %storms = map { $_->{name} => $_ } @{decode_json(scalar qx('$command' list --json))->{storms}};
is(join(' ', grep { !$storms{$_} } sort keys %listed), '', 'each row of tested.def is a storm');
is(join(' ', grep { join(' ', @{$storms{$_}{tested}}) ne ($listed{$_} // '') } sort keys %storms), '',
    'list --json names the beds of each storm');

my $table = qx('$command' list --all);
my %marked = map { $_ => 1 } grep { $table =~ /^\Q$_\E +(?:(?!^\w).)*\buntested\b/ms } keys %storms;
is(join(' ', grep { ($marked{$_} // 0) != !$listed{$_} } sort keys %storms), '',
    'list --all marks the storms that no bed has executed, and no others');

# A made-up list and made-up runs: each contradiction is complained of.
$ENV{TESTED_LIST} = "$tmp/tested.def";
write_text($ENV{TESTED_LIST}, qq{TESTED(cpuid, "kvm bochs:ryzen image:qemu")\nTESTED(syscall, "kvm")\n});

sub complaints
{
	my ($bed, %status) = @_;
	my $emulator = delete $status{emulator};
	write_text("$tmp/run.json", encode_json({ target => { emulator => $emulator }, storms =>
		[map { { name => $_, status => $status{$_} } } sort keys %status] }));
	my $said = qx('$top/tests/tested' $bed $tmp/run.json);
	return ($? >> 8) . ":$said";
}
my $agrees = '0:';
is(complaints('bochs:ryzen', cpuid => 'measured', syscall => 'no_exit'), $agrees, 'a run that agrees');
like(complaints('bochs:ryzen', cpuid => 'skipped'), qr/^1:cpuid: not executed on bochs:ryzen/,
    'seen to fail: listed, and not executed');
like(complaints('bochs:ryzen', cpuid => 'no_exit'), qr/^1:cpuid: not executed/,
    'seen to fail: listed, and raw SVM has seen no exit of it');
is(complaints('bochs:ryzen', cpuid => 'skipped', emulator => 'Bochs 3.1'), $agrees,
    'a run of another version than the bed has is not compared');
like(complaints('bochs:ryzen', cpuid => 'skipped', emulator => 'Bochs 2.7'), qr/^1:cpuid: not executed/,
    'a run of the same version is');
like(complaints('qemu', umwait => 'measured'), qr/^1:umwait: executed on qemu/,
    'seen to fail: untested, and executed');
like(complaints('kvm', umwait => 'measured'), qr/^1:umwait: executed on kvm/,
    'seen to fail: the same on KVM');
like(complaints('kvm', syscall => 'skipped'), qr/^1:syscall: not executed on kvm/,
    'seen to fail: KVM is the only bed that is listed, and has not executed it');
is(complaints('image:qemu', cpuid => 'no_exit', syscall => 'skipped'), $agrees,
    'a storm in place is executed, though an emulator has no exit of it');
like(complaints('image:qemu', cpuid => 'skipped'), qr/^1:cpuid: not executed on image:qemu/,
    'seen to fail: listed in place, and not executed');
like(complaints('image:bochs', umwait => 'no_exit'), qr/^1:umwait: executed on image:bochs/,
    'seen to fail: untested, and executed in place');
is(complaints('kvm', cpuid => 'skipped', syscall => 'no_exit'), $agrees,
    'a KVM may lack a storm that another bed has executed');
done_testing();
