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

# The part of tests/faults that a command belongs to, by the begin of its name; the first that fits counts.
my @parts = (
	['run -t kvm --vary', 'vary'], ['run -t kvm, with', 'vary'], ['run -t kvm', 'run'], ['run -t bochs', 'boot'],
	['import', 'boot'], ['trace', 'trace'], ['ab', 'ab'], ['gate', 'gate'], ['archive', 'archive'], ['collect', 'collect'],
	['plot', 'figures'], ['report', 'figures'], ['image', 'export'], ['export', 'export'], ['compare --format', 'export'],
	['show --format', 'export'], ['show', 'show'], ['compare', 'show'], ['query', 'show'],
);

sub part
{
	my ($name) = @_;
	my ($part) = grep { index($name, $_->[0]) == 0 } @parts or die "$name: is of no part\n";
	return $part->[1];
}

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

# All figures of a store, by run.
sub store_text
{
	my ($path) = @_;
	return qx('$Faults::exitstorm' query '$path' --by duration_s --json 2>&1);
}

# Runs a and b into a store that has run c, or is not there. After a failure the store has c, and the same command
# completes it.
sub collect_case
{
	my ($there) = @_;
	my $collect = "'$Faults::exitstorm' collect -q -o runs.sqlite";
	return { name => 'collect' . ($there ? ', to others' : ''), sample => $there ? 0 : 4, argv => ['collect', '-q', 'a', 'b', '-o', 'runs.sqlite'],
		prepare => sub {
			my ($folder) = @_;
			my $number = 0;
			for my $name (qw(a b c)) {
				system 'cp', '-r', $run, "$folder/$name";
				$number++;
				system 'sed', '-i', "s/\"duration_s\": /&$number/", "$folder/$name/run.json";
			}
			system "cd '$folder' && $collect c" if $there;
		},
		contents => sub { $_[0] =~ /\.sqlite$/ ? store_text($_[2]) : undef },
		heals => sub {
			my ($case) = @_;
			my $said = qx(cd '$case->{folder}' && $collect a b 2>&1);
			return "the next one fails: $said" if $?;
			return store_text("$case->{folder}/runs.sqlite") eq $case->{untouched}{after}{'/runs.sqlite'} ? ''
				: 'the store has not the figures';
		} };
}

# Runs whose figures differ from time to time: files have their ends, and tables are there.
my %measured = (
	contents => sub {
		my ($path, $text) = @_;
		return 'whole' if $path =~ /\.xml$/ && $text =~ m{</testsuites?>\s*$} || $path =~ /\.tap$/ && $text =~ /^1\.\.1$/m ||
			$path =~ /\.md$/ && $text =~ /^### exitstorm: [\w, ]+$/m && $text =~ /\n$/;
		return undef;
	},
	masks => [sub { $_[0] =~ /^pio_out /m ? 'a table' : '' }],
);

sub ab_case
{
	return { name => 'ab', argv => ['ab', '--a', 'true', '--b', ':', '--undo', 'touch undone', '--max-rounds', '2', '--',
		'-t', 'kvm', '-q', '-s', 'pio_out', '-n', '50', '--warmup', '10', '-o', 'out'],
		heals => \&ab_fault, %measured };
}

# After a failure there is no run or both, and --undo was run if a command may have been.
sub ab_fault
{
	my ($case, $got) = @_;
	my @runs = grep { m{^/out/\w+/run\.json$} } keys %{ $got->{after} };
	my @faults = grep { $_ } map { Faults::run_fault("$case->{folder}$_" =~ s{/run\.json$}{}r) } @runs;
	return "@faults" if @faults;
	return 'runs: ' . @runs if @runs != 0 && @runs != 2;
	return 'not undone' if @runs && !exists $got->{after}{'/undone'};
	my @more = grep { !exists $got->{before}{$_} && !m{^/undone$|^/out(?:/|$)} } keys %{ $got->{after} };
	return @more ? "there are @more" : '';
}

# After a failure the runs that are there are whole, and the files are of before.
sub gate_fault
{
	my ($case, $got) = @_;
	my %after = %{ $got->{after} };
	my @runs = grep { m{^/out/\w+/run\.json$} } keys %after;
	my @faults = grep { $_ } map { Faults::run_fault("$case->{folder}$_" =~ s{/run\.json$}{}r) } @runs;
	return "@faults" if @faults;
	delete $after{$_} for grep { m{^/out(?:/\d+(?:/.*)?)?$} || /:(?:host|failed)$/ } keys %after;
	# Each file for itself: one that is written before another one cannot be.
	delete $after{$_} for my @written = grep { m{^/new\.} && $after{$_} eq 'whole' } keys %after;
	my %before = map { $_ => $got->{before}{$_} } grep { my $path = $_; !grep { $_ eq $path } @written } keys %{ $got->{before} };
	return Faults::difference(\%before, \%after);
}

sub gate_case
{
	return { name => 'gate', argv => ['gate', '--baseline', '../trial.once', '--junit', 'new.xml', '--tap', 'new.tap',
		'--summary', 'new.md', '--', '-q', '-o', 'out'], slow => 1, ends => qr/^The runs are in /,
		heals => \&gate_fault, prepare => old(qw(new.xml new.tap new.md)), statuses => [0, 3, 4],
		once => sub {
			my ($folder) = @_;
			system "'$Faults::exitstorm' gate --baseline '$folder' --time 0.1 --refresh -- -t kvm -q -s pio_out -n 50 -r 2 >/dev/null";
		}, %measured };
}

# The table may fail when the run is there, which is said.
sub table_fault
{
	my ($case, $got) = @_;
	return Faults::difference($got->{before}, $got->{after})
		if $got->{err} !~ /: the run is in out, its table cannot be printed: ./;
	return Faults::run_fault("$case->{folder}/out");
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
	my $stored = sub {
		my ($folder) = @_;
		two_runs()->($folder);
		system "cd '$folder' && sed -i 's/\"started\": \"/&1/' b/run.json && '$Faults::exitstorm' collect -q a b -o store";
	};
	push @cases, collect_case(0), collect_case(1),
		{ name => 'query', argv => ['query', 'store', '-s', 'pio_*,hlt'], prepare => $stored, sample => 2 },
		{ name => 'query --json', argv => ['query', 'store', '--by', 'started,target.clock', '--where', 'target.name=kvm',
			'--json'], prepare => $stored },
		{ name => 'compare --store', argv => ['compare', '--store', 'store', '--by', 'started', '-s', 'pio_out'],
			prepare => $stored, sample => 0 },
		map { { name => "compare --format $_", argv => ['compare', 'a', 'b', '--format', $_],
			prepare => two_runs(), sample => 0 } } qw(junit tap summary gbench bmf gobench);
	push @cases, { name => 'show --format hgrm', argv => ['show', $run, '--format', 'hgrm', '-s', 'pio_out'], sample => 0 };
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
			masks => [sub { length $_[0] ? 'a table' : '' }],
			heals => \&table_fault },
	) if have_kvm();
	push @cases, ab_case(), gate_case() if have_kvm();
	push @cases, { name => 'trace --record', argv => ['trace', '-q', '--record', 'run', '--', 'sh', '-c',
		"'$Faults::top/build/tests/trace/exits' 100 100 >/dev/null"], loose => 1, sample => 2 }
		if can_trace();
	push @cases, { name => 'run -t bochs', argv => ['run', '-t', 'bochs', '-q', '-s', 'cpuid', '-n', '20', '-r', '1',
		'-o', 'run'], slow => 1 } if have('bochs');
	$_->{part} = part($_->{name}) for @cases;
	return @cases;
}

1;
