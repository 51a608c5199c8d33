# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands that faults are put into.
package Cases;
use strict;
use warnings;
use Faults;

my $run = "$Faults::top/tests/data/run";

# A file that is there already: it is replaced whole, or stays.
sub old
{
	my (@names) = @_;
	return sub {
		my ($folder) = @_;
		Faults::spew("$folder/$_", "old\n") for @names;
	};
}

# Two runs of which the second is a little slower.
sub two_runs
{
	my (@old) = @_;
	return sub {
		my ($folder) = @_;
		system 'cp', '-r', $run, "$folder/a";
		system 'cp', '-r', $run, "$folder/b";
		old(@old)->($folder);
	};
}

sub have
{
	my ($program) = @_;
	return grep { -x "$_/$program" } split /:/, $ENV{PATH};
}

sub python
{
	my ($found) = grep { system("$_ -c 'import json' 2>/dev/null") == 0 } qw(python3 /usr/bin/python3);
	return $found;
}

sub have_kvm { return open my $kvm, '+<', '/dev/kvm'; }

# For Kill.pm: with larger jobs, that last.
sub killed
{
	my @cases;
	push @cases, { name => 'run -t kvm', argv => ['run', '-t', 'kvm', '-q', '-s', 'cpuid,pio_out,null', '-n', '500',
		'-r', '3', '-o', 'out/run'], product => 'out/run', fresh => 1, share => 8 } if have_kvm();
	push @cases, { name => 'trace --record', argv => ['trace', '-q', '--record', 'run', '--',
		"$Faults::top/build/tests/trace/exits", '2000', '2000'], product => 'run', fresh => 1, share => 3 } if can_trace();
	push @cases, (
		{ name => 'archive', argv => ['archive', 'a', '-o', 'runs.tar'], prepare => two_runs('runs.tar'),
			product => 'runs.tar', end => qr/\0{1024}$/, share => 3 },
		{ name => 'report', argv => ['report', 'a', 'b', '-o', 'page.html'], prepare => two_runs('page.html'),
			product => 'page.html', end => qr{</html>\s*$}, share => 3 },
	) if have('gnuplot');
	push @cases, { name => "run -t $_->[0]", argv => ['run', '-t', $_->[0], '-q', '-s', 'cpuid', '-n', '20', '-r', '1',
		'-o', 'run'], product => 'run', fresh => 1, share => $_->[2] }
		for grep { have($_->[1]) } ['bochs', 'bochs', 2], ['qemu', 'qemu-system-x86_64', 1];
	return @cases;
}

sub can_trace
{
	return have_kvm() && system("'$Faults::exitstorm' trace -d 0.1 -q >/dev/null 2>&1") == 0;
}

sub cases
{
	my @cases = (
		{ name => 'show', argv => ['show', $run] },
		{ name => 'show --json', argv => ['show', $run, '--json'] },
		{ name => 'compare', argv => ['compare', 'a', 'b'], prepare => two_runs() },
		{ name => 'compare --json', argv => ['compare', 'a', 'b', '--json'], prepare => two_runs() },
		{ name => 'export --csv', argv => ['export', $run, '--csv'] },
		{ name => 'export --perfetto', argv => ['export', $run, '--perfetto'] },
	);
	push @cases, (
		{ name => 'plot', argv => ['plot', $run, '-o', 'figure.svg'], prepare => old('figure.svg') },
		{ name => 'report', argv => ['report', 'a', 'b', '-o', 'page.html'], prepare => two_runs('page.html') },
		{ name => 'archive', argv => ['archive', $run, '-o', 'runs.tar'], prepare => old('runs.tar') },
	) if have('gnuplot');
	push @cases, { name => 'image', argv => ['image', '-s', 'cpuid', '-o', 'image'] };
	push @cases,
		{ name => 'import', argv => ['import', '-q', '../trial.once/good.cap', '-o', 'run'], once => sub {
			my ($folder) = @_;
			mkdir $folder or die "$folder: $!\n";
			system "'$Faults::exitstorm' image -s null,cpuid -n 100 -r 1 -o '$folder/image' >/dev/null";
			system python(), "$Faults::top/tests/cli/make_capture.py", "$folder/image/exitstorm.plan",
				"$folder/good.cap";
		} } if python();
	push @cases, (
		{ name => 'run -t kvm', argv => ['run', '-t', 'kvm', '-q', '-s', 'cpuid,pio_out', '-n', '100', '-r', '2',
			'--warmup', '10', '-o', 'out/run'] },
		{ name => 'run -t kvm, saved', argv => ['run', '-t', 'kvm', '-q', '-s', 'pio_out', '-n', '50', '-r', '2',
			'--warmup', '10', '-o', 'out/run'], save => 0 },
		{ name => 'run -t kvm --vary', argv => ['run', '-t', 'kvm', '-q', '-s', 'pio_out', '-n', '50', '-r', '1',
			'--warmup', '10', '--vary', 'stamps=both,guest', '-o', 'out/run'], parts => 1 },
		{ name => 'run -t kvm, with tables', argv => ['run', '-t', 'kvm', '-s', 'pio_out', '-n', '50', '-r', '1',
			'--warmup', '10', '-o', 'out'],
			masks => [sub { length $_[0] ? 'a table' : '' }] },
	) if have_kvm();
	push @cases, { name => 'trace --record', argv => ['trace', '-q', '--record', 'run', '--', 'sh', '-c',
		"'$Faults::top/build/tests/trace/exits' 100 100 >/dev/null"], loose => 1, sample => 2 }
		if can_trace();
	push @cases, { name => 'run -t bochs', argv => ['run', '-t', 'bochs', '-q', '-s', 'cpuid', '-n', '20', '-r', '1',
		'-o', 'run'], slow => 1 } if have('bochs');
	return @cases;
}

1;
