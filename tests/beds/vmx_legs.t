#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# Known answers: in Bochs one tick is one instruction, so each leg has one exact value. It is
# derived here from the disassembly of the image that was built, and every record must have it.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $top = abs_path(dirname($0) . '/../..');
require "$top/tests/perf/path.pl";
our (%path_limit, %path_handler);
my $command = $ENV{EXITSTORM} // "$top/build/exitstorm";
my $tmp = tempdir(CLEANUP => 1);
$ENV{EXITSTORM_RUNS} = "$tmp/runs";

plan skip_all => 'no Bochs (package bochs)' if system('command -v bochs >/dev/null');

my $host = disassemble("$top/build/image/exitstorm.elf");
my $guest = disassemble("$top/build/guest.elf");

sub expected
{
	my ($storm, $exiting, $path, $handler_at) = @_;
	my ($guest_out, $guest_in) = guest_parts($guest, $storm, $exiting);
	my $cost = exit_path($host, $path, $handler_at);
	return {
		%$cost,
		exit => $guest_out + $cost->{exit_entry},
		resume => $cost->{entry} + $guest_in,
		round_trip => $guest_out + $cost->{path} + $guest_in,
	};
}

# Instructions between the two stamps of the control loop: the second and the third RDTSC.
sub control_part
{
	my ($storm) = @_;
	my ($at, $seen) = ($guest->{symbol}{"control_stamped_$storm"}, 0);
	while (1) {
		$seen++ if $guest->{code}{$at}{name} eq 'rdtsc';
		$at = $guest->{code}{$at}{next};
		last if $seen == 2;
	}
	my ($count) = walk($guest, $at, 'rdtsc');
	return $count;
}

# The legs of all storms of one run.
my $runs = 0;
sub measure
{
	my (@options) = @_;
	my $folder = "$tmp/run" . $runs++;
	my $said = qx($command run -t bochs -q -n 2000 -r 1 -s vmcall,cpuid @options -o $folder 2>&1);
	die "exitstorm run: $said" if $?;
	open my $file, '<', "$folder/run.json" or die "$folder/run.json: $!";
	my $run = decode_json(do { local $/; <$file> });
	return { map { $_->{name} => $_->{legs} } @{$run->{storms}} };
}

my %full;
for my $path ('fast', 'full') {
	my $legs = measure("--set path=$path");
	for my $storm ('vmcall', 'cpuid') {
		my $want = expected($storm, $storm, $path, $path_handler{$storm});
		for my $leg ('exit', 'handler', 'resume', 'round_trip') {
			my $got = $legs->{$storm}{$leg}{all};
			is("$got->{count} $got->{min} $got->{max}", "2000 $want->{$leg} $want->{$leg}",
			    "$storm, path=$path: $leg is $want->{$leg} instructions on every record");
		}
		my $control = control_part($storm);
		my $got = $legs->{$storm}{control}{all};
		is("$got->{min} $got->{max}", "$control $control", "$storm: the control loop has $control");
		my ($net) = qx($command show --net $tmp/run@{[$runs - 1]}) =~ /^$storm +CPL 0 +\d+ +\d+ +(\d+)/m;
		is($net, $want->{round_trip} - $control, "$storm, path=$path: show --net is the exact difference");
		cmp_ok($want->{exit_entry}, '<=', 3, "$storm, path=$path: host_in within 3 instructions");
		cmp_ok($want->{path}, '<=', $path_limit{$path}{path},
		    "$storm, path=$path: $want->{path} instructions from VM exit to VMRESUME");
		cmp_ok($want->{vmcs}, '<=', $path_limit{$path}{vmcs},
		    "$storm, path=$path: $want->{vmcs} VMCS accesses");
		is("@{$want->{heavy}}", '', "$storm, path=$path: no MSR, locked or string instruction");
	}
	%full = %$legs if $path eq 'full';
}

for my $delay (6, 4470) {
	my $legs = measure("--set path=full --set delay=$delay");
	for my $storm ('vmcall', 'cpuid') {
		for my $leg ('exit', 'handler', 'resume', 'round_trip') {
			my $more = $leg eq 'handler' || $leg eq 'round_trip' ? $delay : 0;
			my $base = $full{$storm}{$leg}{all}{min};
			my $got = $legs->{$storm}{$leg}{all};
			is("$got->{min} $got->{max}", ($base + $more) . ' ' . ($base + $more),
			    "$storm, delay=$delay: $leg grows by $more");
		}
	}
}
# The TSC stored by the exit is as many instructions before host_in as the exit entry point has. Copying it to
# the record takes two more, in the handler leg.
for my $path ('fast', 'full') {
	my $legs = measure("--set check=host_load --set path=$path");
	for my $storm ('vmcall', 'cpuid') {
		my $want = expected($storm, $storm, $path, $path_handler{$storm});
		$want->{host_load} = $want->{exit_entry};
		$want->{$_} += 2 for 'handler', 'round_trip';
		for my $leg ('host_load', 'exit', 'handler', 'resume', 'round_trip') {
			my $got = $legs->{$storm}{$leg}{all};
			is("$got->{count} $got->{min} $got->{max}", "2000 $want->{$leg} $want->{$leg}",
			    "$storm, path=$path, check=host_load: $leg is $want->{$leg}");
		}
	}
}

# The record says which of the two instructions was timed. Flags are the last word of 64 bytes.
sub flags
{
	my ($folder, $storm) = @_;
	open my $file, '<:raw', "$folder/samples/$storm.npy" or die "$storm.npy: $!";
	my $npy = do { local $/; <$file> };
	my $data = substr $npy, 10 + unpack 'v', substr $npy, 8, 2;
	return map { unpack 'V', substr $data, 64 * $_ + 60, 4 } 0 .. length($data) / 64 - 1;
}

my $folder = "$tmp/launch";
my $said = qx($command run -t bochs -q -n 500 -r 1 --samples 500 --set path=full -s vmcall,vmlaunch_entry -o $folder 2>&1);
is($?, 0, 'VMLAUNCH and VMRESUME are measured') or diag $said;
my @resumed = flags($folder, 'vmcall');
my @launched = flags($folder, 'vmlaunch_entry');
is(scalar(grep { !($_ & 1) } @resumed), 500, 'records of VMRESUME have no LAUNCHED flag');
is(scalar(grep { $_ & 1 } @launched), 500, 'records of VMLAUNCH all have it');
open my $json, '<', "$folder/run.json" or die "run.json: $!";
my %resume = map { $_->{name} => $_->{legs}{resume}{all} }
    @{decode_json(do { local $/; <$json> })->{storms}};
is($resume{vmlaunch_entry}{min}, $resume{vmcall}{min} + 1, 'the body is shared: one instruction more');
is($resume{vmlaunch_entry}{max}, $resume{vmcall}{max} + 1, '... on every record');
done_testing();
