#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# limit: 300
# beside: others
#
# Leg lengths on raw SVM: in Bochs and in QEMU, which count instructions, each leg must have exactly the number of
# instructions that the disassembly of the image has.
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
$ENV{EXITSTORM_RUNS} = "$tmp/runs";
require "$top/tests/perf/path.pl";
my $host = disassemble("$top/build/image/exitstorm.elf");
my $guest = disassemble("$top/build/guest.elf");

# QEMU does not count the exiting instruction, and it has no NRIPS: the full path then decodes the instruction, in
# branches and loops that are counted by single-stepping (svm_steps) instead of from the disassembly.
my @beds = (
	{ name => 'bochs', options => '-t bochs --set model=ryzen', exiting => 1, nrip => 1,
	  program => 'bochs', package => 'bochs' },
	{ name => 'qemu', options => '-t qemu --set accel=tcg', exiting => 0, nrip => 0,
	  program => 'qemu-system-x86_64', package => 'qemu-system-x86' },
);
my %limit = (fast => 30, full => 80);
my %handler_of = (vmcall => 'skip', cpuid => 'handle_cpuid');

# Instructions of svm_handle for decoding, where the VMCB has no nRIP.
sub decoding
{
	my ($storm, $handler_at) = @_;
	my %bytes = (vmcall => '0f01d9', cpuid => '0fa2');
	my @steps = map {
		my $where = sprintf '%x %x', $host->{symbol}{svm_handle}, $handler_at;
		my $steps = qx($top/build/tests/beds/svm_steps $top/build/image/exitstorm.elf $where $_ $bytes{$storm});
		die 'svm_steps failed' if $?;
		$steps;
	} 0, 1;
	return $steps[0] - $steps[1];
}

sub expected
{
	my ($bed, $storm, $path, $vmload) = @_;
	my $name = $path . ($vmload eq 'each' ? '_each' : '');
	my ($guest_out, $guest_in) = guest_parts($guest, $storm, $storm);
	my $handler_at = symbol_near($host, $handler_of{$storm}, "svm_handle");
	my ($exit_entry, $host_in) = walk($host, $host->{symbol}{"svm_exit_$name"}, 'rdtsc');
	my ($handler, $host_out, $met) =
	    walk($host, $host->{code}{$host_in}{next}, 'rdtsc', $handler_at);
	my ($entry) = walk($host, $host->{code}{$host_out}{next}, 'vmrun');
	$handler += decoding($storm, $handler_at) if $path eq 'full' && !$bed->{nrip};
	my $exit = $guest_out + $exit_entry - 1 + $bed->{exiting};
	return {
		exit => $exit,
		handler => $handler,
		resume => $entry + $guest_in,
		round_trip => $exit + $handler + $entry + $guest_in,
		exit_entry => $exit_entry,
		path => $exit_entry + $handler + $entry,
		switches => ($met->{vmload} // 0) + ($met->{vmsave} // 0),
		met => $met,
	};
}

my $runs = 0;
sub measure
{
	my ($bed, @options) = @_;
	my $folder = "$tmp/run" . $runs++;
	my $said = qx($command run $bed->{options} -q -n 2000 -r 1 -s vmcall,cpuid @options -o $folder 2>&1);
	die "exitstorm run: $said" if $?;
	open my $file, '<', "$folder/run.json" or die "$folder/run.json: $!";
	my $run = decode_json(do { local $/; <$file> });
	is("$run->{target}{backend} $run->{target}{clock}", 'svm instructions',
	    "$bed->{name} @options: raw SVM, counted instructions");
	return { map { $_->{name} => $_->{legs} } @{$run->{storms}} };
}

sub check_path
{
	my ($bed, $path, $vmload) = @_;
	my $legs = measure($bed, "--set path=$path --set vmload=$vmload");
	for my $storm ('vmcall', 'cpuid') {
		my $what = "$bed->{name}, $storm, path=$path, vmload=$vmload";
		my $want = expected($bed, $storm, $path, $vmload);
		for my $leg ('exit', 'handler', 'resume', 'round_trip') {
			my $got = $legs->{$storm}{$leg}{all};
			my $value = $want->{$leg};
			is("$got->{count} $got->{min} $got->{max}", "2000 $value $value",
			    "$what: $leg is $value instructions on every record");
		}
		next unless $bed->{nrip};
		my $path_length = $want->{path} - $want->{switches};
		cmp_ok($want->{exit_entry}, '<=', 3, "$what: host_in within 3 instructions");
		cmp_ok($path_length, '<=', $limit{$path},
		    "$what: $path_length instructions from VM exit to VMRUN beside VMLOAD and VMSAVE");
		is($want->{switches}, $vmload eq 'each' ? 3 : 0,
		    "$what: $want->{switches} of VMLOAD and VMSAVE, all in the handler leg");
		my @heavy = grep { /^(rdmsr|wrmsr|xchg|movs|stos|cmps|scas|lods|clgi|stgi)/ } keys %{$want->{met}};
		is("@heavy", '', "$what: no MSR, locked or string instruction, no CLGI or STGI");
	}
	return $legs;
}

for my $bed (@beds) {
	SKIP: {
		skip "no $bed->{program} (package $bed->{package})", 1
		    if system("command -v $bed->{program} >/dev/null");
		for my $path ('fast', 'full') {
			check_path($bed, $path, $_) for 'each', 'batch';
		}
		my $base = measure($bed, '--set path=full');
		my $legs = measure($bed, '--set path=full --set delay=4470');
		for my $leg ('exit', 'handler', 'resume', 'round_trip') {
			my $more = $leg =~ /^(handler|round_trip)$/ ? 4470 : 0;
			my $want = $base->{cpuid}{$leg}{all}{min} + $more;
			my $got = $legs->{cpuid}{$leg}{all};
			is("$got->{min} $got->{max}", "$want $want",
			    "$bed->{name}, delay=4470: $leg grows by $more");
		}
	}
}
done_testing();
