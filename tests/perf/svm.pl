# SPDX-License-Identifier: GPL-2.0-or-later
#
# Raw SVM's part of `make perf`: the instructions between a #VMEXIT and the next VMRUN in the image, and the time
# of all storms on both emulators. Needs path.pl.
use strict;
use warnings;
use JSON::PP;

# VMLOAD and VMSAVE switch state that VMX always switches (vmload=each): not counted to the limit.
my %limit = (fast => 30, full => 80);
my %handler_of = (vmcall => 'skip', cpuid => 'handle_cpuid');

sub svm_path
{
	my ($host, $path, $vmload, $storm) = @_;
	my $name = $path . ($vmload eq 'each' ? '_each' : '');
	my $handler_at = symbol_near($host, $handler_of{$storm}, 'svm_handle');
	my (%lines, %met);
	my ($exit_entry, $at, $met_in) =
	    walk($host, $host->{symbol}{"svm_exit_$name"}, 'rdtsc', undef, \%lines);
	my ($handler, $out, $met) =
	    walk($host, $host->{code}{$at}{next}, 'rdtsc', $handler_at, \%lines);
	my ($entry, undef, $met_out) =
	    walk($host, $host->{code}{$out}{next}, 'vmrun', undef, \%lines);
	for my $part ($met_in, $met, $met_out) {
		$met{$_} += $part->{$_} for keys %$part;
	}
	my $switches = ($met{vmload} // 0) + ($met{vmsave} // 0);
	return {
		exit_entry => $exit_entry,
		handler => $handler,
		entry => $entry,
		switches => $switches,
		path => $exit_entry + $handler + $entry - $switches,
		heavy => [sort grep { /^(?:rdmsr|wrmsr|lock|rep|xchg|movs[bwlq]?$|stos|cmps|scas|lods|clgi|stgi)/ } keys %met],
		data_lines => scalar(keys %{$lines{data}}),
		code_lines => scalar(keys %{$lines{code}}),
	};
}

sub svm_paths
{
	my ($image, $mark) = @_;
	my $host = disassemble($image);
	print "Raw SVM, #VMEXIT to VMRUN with stamps on, counted in the image's disassembly\n";
	printf "  %-31s %16s %15s %22s %s\n", '', 'instructions', 'VMLOAD, VMSAVE',
		'MSR, GIF, LOCK, string', 'cache lines of data, code';
	for my $path ('fast', 'full') {
		for my $storm (sort keys %handler_of) {
			for my $vmload ('each', 'batch') {
				my $got = svm_path($host, $path, $vmload, $storm);
				printf "  %-31s %4d <= %2d %s %15d %15s %s %8d, %d\n",
					"$storm, path=$path, vmload=$vmload", $got->{path}, $limit{$path},
					$mark->($got->{path} <= $limit{$path}), $got->{switches},
					"@{$got->{heavy}}" || 'none', $mark->(!@{$got->{heavy}}),
					$got->{data_lines}, $got->{code_lines};
			}
		}
	}
	print "  (CLGI and STGI, the host's own VMLOAD and VMSAVE and DR7 are the batch's.)\n";
}

# Wall time in seconds and, because other load may stretch it, CPU time.
sub svm_all
{
	my ($exitstorm, $tmp, $mark) = @_;
	for my $bed (['bochs', 'bochs', '--set', 'model=ryzen'],
	    ['qemu-system-x86_64', 'qemu', '--set', 'accel=tcg']) {
		my ($program, $target, @options) = @$bed;
		if (system("command -v $program >/dev/null")) {
			print "No $program here: storms of raw SVM are not timed there\n";
			next;
		}
		my $run = "$tmp/svm-$target";
		my ($began, @before) = (time_now(), times);
		open my $keep, '>&', \*STDOUT;
		open STDOUT, '>', '/dev/null';
		my $status = system($exitstorm, 'run', '-q', '-t', $target, @options, '-n', 10_000, '-r', 1,
			'-o', $run);
		open STDOUT, '>&', $keep;
		die "perf: exitstorm run -t $target failed\n" if $status;
		my ($ended, @after) = (time_now(), times);
		open my $in, '<', "$run/run.json" or die "$run/run.json: $!\n";
		my $storms = decode_json(do { local $/; <$in> })->{storms};
		my $measured = grep { $_->{status} eq 'measured' } @$storms;
		printf "All %d storms of raw SVM, 10,000 exits each, -t $target $options[1]: %.1f s < 20 s %s (%.1f s of CPU)\n",
			$measured, $ended - $began, $mark->($ended - $began < 20),
			$after[2] + $after[3] - $before[2] - $before[3];
	}
}

sub time_now
{
	require Time::HiRes;
	return Time::HiRes::time();
}
1;
