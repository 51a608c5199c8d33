# SPDX-License-Identifier: GPL-2.0-or-later
#
# One fault at a time in each command that writes: every allocation (faults.so) and every system call
# (inject) of its process fails in turn. Afterwards either the output is that of an untouched process and
# the status is the same, or the status is 1, stderr has one line, and nothing else has changed.
package Faults;
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use Tree qw(slurp spew run_fault tree difference differing);

our $top = abs_path(dirname(__FILE__) . '/../..');
our $exitstorm = $ENV{EXITSTORM} ? abs_path($ENV{EXITSTORM}) : "$top/build/exitstorm";
my $built = "$top/build/tests/faults";
my $seconds = 60;

sub built { return "$built/$_[0]"; }

# Processes whose environment names the folder.
sub children
{
	my ($folder) = @_;
	my @left;
	for my $path (glob '/proc/[0-9]*') {
		my ($pid) = $path =~ /(\d+)$/;
		next if $pid == $$;
		my $environment = slurp("$path/environ") // next;
		push @left, $pid if index($environment, $folder) >= 0;
	}
	return @left;
}

# %$case: name, argv (of the folder it runs in), prepare (makes files in it), masks (on stdout), contents (what counts
# of a file: path and text -> text or undef), statuses (of success), heals (after a failure: '' if nothing is lost), ends
# (a line that may follow the message).
sub attempt
{
	my ($case, $kind, $number, $lasting) = @_;
	my $folder = $case->{folder};
	system 'rm', '-rf', $folder;
	$case->{once}->("$folder.once") if $case->{once} && !-d "$folder.once";
	mkdir $folder or die "$folder: $!\n";
	mkdir "$folder/tmp" or die "$folder/tmp: $!\n";
	$case->{prepare}->($folder) if $case->{prepare};
	my $before = tree($folder, $case->{contents});
	my @argv = ("$built/inject", "$built/faults.so", $seconds, $kind eq 'call' ? $number : $kind eq 'none' ? 0 : -1,
		"$folder.call", $exitstorm, @{ $case->{argv} });
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		chdir $folder or die "$folder: $!\n";
		$ENV{TMPDIR} = "$folder/tmp";
		$ENV{EXITSTORM_RUNS} = "$folder/runs";
		$ENV{EXITSTORM_SAVE} = $case->{save} // 1000;
		$ENV{FAULT_REPORT} = "$folder.allocation";
		$ENV{FAULT_ALLOCATION} = $kind eq 'allocation' ? $number : 0;
		$ENV{FAULT_LASTING} = $lasting ? 1 : 0;
		$ENV{FAULT_STACKS} = $kind eq 'none' ? 1 : 0;
		$ENV{PATH} = "$case->{bin}:$ENV{PATH}";
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$folder.out";
		open STDERR, '>', "$folder.err";
		exec @argv;
		exit 125;
	}
	waitpid $pid, 0;
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	my ($first, @calls) = split /\n/, slurp("$folder.call") // '';
	my ($calls, $name) = $first =~ /^(\d+) (.*)$/;
	my ($allocations, @allocations) = split /\n/, slurp("$folder.allocation") // 0;
	my $out = slurp("$folder.out");
	$out = $_->($out) for @{ $case->{masks} // [] };
	return { status => $status, out => $out, err => slurp("$folder.err"), before => $before,
		after => tree($folder, $case->{contents}), calls => $calls, call => $name, call_places => \@calls,
		allocations => $allocations, allocation_places => \@allocations, left => [children($folder)] };
}

# Of a command whose run depends on the time: nothing but the run has changed, and it fits.
sub loose
{
	my ($got) = @_;
	my %tree = %{ $got->{after} };
	my $run = $tree{'/run/run.json'} // 'no run';
	delete $tree{$_} for grep { m{^/run(?:/|$)} } keys %tree;
	my $tree = difference($got->{before}, \%tree);
	return $tree ? "status $got->{status} and $tree" : $run =~ /^\{/ ? '' : $run;
}

# Nothing but what the untouched one makes, and whole runs only.
sub parts_whole
{
	my ($wanted, $got) = @_;
	for my $path (keys %$got) {
		next if $path =~ /:(?:failed|host)$/;
		return 0 if !exists $wanted->{$path};
		return 0 if $path =~ m{/run\.json$} && $got->{$path} !~ /^\{/;
	}
	return 1;
}

# All that is there is a run that can be continued.
sub partial_whole
{
	my ($case, $got) = @_;
	my %tree = %{ $got->{after} };
	my ($path) = map { m{^(.*/run)\.partial$} ? $1 : () } sort keys %tree;
	delete $tree{$_} for grep { m{^\Q$path\E\.partial(?:/|$)} } keys %tree;
	delete $tree{$path =~ s{/[^/]*$}{}r};
	return 0 if difference($got->{before}, \%tree);
	system "'$exitstorm' run -q --resume '$case->{folder}$path' >/dev/null 2>&1";
	return 0 if $?;
	my $made = "$case->{folder}$path";
	my @runs = -e "$made/run.json" ? ($made) : glob "'$made'/*";
	return @runs && !grep { run_fault($_) } @runs;
}

# Statuses of success: that of the untouched command, or those that a verdict on measured times may give.
sub succeeds
{
	my ($case, $status) = @_;
	return scalar grep { $_ == $status } @{ $case->{statuses} // [$case->{untouched}{status}] };
}

# '', or what is lost.
sub lost
{
	my ($case, $got) = @_;
	my $wanted = $case->{untouched};
	my $succeeds = succeeds($case, $got->{status});
	return "status $got->{status}" if $got->{status} != 1 && !$succeeds;
	return 'processes left: ' . join ' ', @{ $got->{left} } if @{ $got->{left} };
	return loose($got) if $case->{loose} && $succeeds;
	if ($succeeds) {
		my $tree = difference($wanted->{after}, $got->{after});
		return "status $got->{status} and $tree" if $tree;
		return "status $got->{status}, other output: " . differing($wanted->{out}, $got->{out})
			if $got->{out} ne $wanted->{out};
		return '';
	}
	my @lines = split /\n/, $got->{err};
	pop @lines if @lines > 1 && $case->{ends} && $lines[-1] =~ $case->{ends};
	return scalar(@lines) . ' lines on stderr' if @lines != 1;
	return 'not a message of exitstorm' if $lines[0] !~ /^exitstorm [a-z]+: ./;
	# A part of the runs is there, each whole: its path is in the message.
	return '' if $lines[0] =~ /no memory; .* is there and whole$/ && parts_whole($wanted->{after}, $got->{after});
	# One of several runs cannot be written: the others stay.
	return '' if $case->{parts} && parts_whole($wanted->{after}, $got->{after});
	# All is there but a line on stdout.
	return '' if $lines[0] =~ /cannot write to standard output/ &&
		!difference($wanted->{after}, $got->{after});
	# The archive is there, and names the figures that are not.
	return '' if $lines[0] =~ /is left out: / && grep { m{/REPRODUCE\.md } } values %{ $got->{after} };
	# A part of the run is there, and the message says so.
	return '' if $lines[0] =~ m{/run\.partial(?: is there:|;) 'exitstorm run --resume' continues it$} &&
		partial_whole($case, $got);
	# The run is there, and says which storms failed and why.
	return '' if $lines[0] =~ /storms? failed; the run has the reason$/ &&
		grep { /:failed$/ } keys %{ $got->{after} };
	return $case->{heals}->($case, $got) if $case->{heals};
	my $tree = difference($got->{before}, $got->{after});
	return $tree ? "status 1 and $tree" : '';
}

# A gnuplot that draws each figure once: of the same scripts and data it is the same. Some thousand times
# gnuplot are most of the time of these tests.
sub write_gnuplot
{
	my ($bin, $drawn) = @_;
	my ($real) = grep { -x } map { "$_/gnuplot" } split /:/, $ENV{PATH} or return;
	mkdir $bin or die "$bin: $!\n";
	mkdir $drawn or die "$drawn: $!\n";
	spew("$bin/gnuplot", <<"END");
#!/bin/sh
key=$drawn/\$(cat "\$2" \$(ls | grep -v '^log\$' | grep -v '^figure') | sha1sum | cut -c 1-40)
if [ ! -e "\$key" ]; then
	'$real' "\$@" || exit
	cp figure "\$key"
else
	cp "\$key" figure
fi
END
	chmod 0755, "$bin/gnuplot";
}

# The untouched process, twice: what differs between the two is a mistake of this test.
sub learn
{
	my ($case) = @_;
	my $top = tempdir('exitstorm-faults-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	$case->{folder} = "$top/trial";
	$case->{bin} = "$top/bin";
	write_gnuplot($case->{bin}, "$top/drawn");
	my $first = attempt($case, 'none', 0);
	$case->{untouched} = attempt($case, 'none', 0);
	my $fault = lost({ %$case, untouched => $first }, $case->{untouched});
	return $fault if $fault || succeeds({ %$case, untouched => { status => 0 } }, $case->{untouched}{status});
	return "status $case->{untouched}{status}: $first->{err}";
}

# Of the numbers at one place in the program (the same callers) the first, the second, the last and one by
# chance; all if FAULTS_EVERY is set. Returns the first of each place, and the others.
sub numbers
{
	my ($count, $places) = @_;
	return [1 .. $count] if $ENV{FAULTS_EVERY};
	my (%at, @first, @more);
	push @{ $at{ $places->[$_ - 1] } }, $_ for 1 .. $count;
	for my $at (values %at) {
		push @first, shift @$at;
		push @more, shift @$at if @$at;
		push @more, pop @$at if @$at;
		push @more, $at->[rand @$at] if @$at;
	}
	return (\@first, @more);
}

# All faults of a case, or $sample of them, half of which are calls: [kind, number, lasting].
sub faults
{
	my ($case, $sample) = @_;
	my $untouched = $case->{untouched};
	my ($first, @more) = numbers($untouched->{calls}, $untouched->{call_places});
	my @calls = map { ['call', $_, 0] } sort { $a <=> $b } @$first, @more;
	($first, @more) = numbers($untouched->{allocations}, $untouched->{allocation_places});
	my @allocations = map { ['allocation', $_, 0] } sort { $a <=> $b } @$first, @more;
	push @allocations, map { ['allocation', $_, 1] } sort { $a <=> $b } @$first;
	if (my $call = $ENV{FAULTS_CALL}) {
		@calls = grep { $untouched->{call_places}[$_->[1] - 1] =~ /^\Q$call\E / } @calls;
		@allocations = ();
	}
	my ($slice, $slices) = ($ENV{FAULTS_SLICE} // '1/1') =~ m{^(\d+)/(\d+)$} or die "FAULTS_SLICE: not N/M\n";
	return (slice($slice, $slices, @calls), slice($slice, $slices, @allocations)) if !$sample;
	return (some(int(($sample + 1) / 2), @calls), some(int($sample / 2), @allocations));
}

sub slice
{
	my ($number, $of, @all) = @_;
	return @all[grep { $_ % $of == $number - 1 } 0 .. $#all];
}

sub some
{
	my ($count, @all) = @_;
	my @some;
	push @some, splice @all, rand @all, 1 while @some < $count && @all;
	return @some;
}

# Tries them. (tried, survived, refused, [what was lost]).
sub try_all
{
	my ($case, $sample) = @_;
	my ($tried, $survived, $refused, @lost) = (0, 0, 0);
	for my $fault (faults($case, $sample)) {
		my $got = attempt($case, @$fault);
		my $what = lost($case, $got);
		my $name = "$fault->[0] $fault->[1]" . ($fault->[2] ? ' and later' : '') .
			($fault->[0] eq 'call' ? " ($got->{call})" : '');
		$tried++;
		if ($what) {
			push @lost, "$name: $what; " . ($got->{err} =~ s/\n/ | /gr);
		} elsif (succeeds($case, $got->{status})) {
			$survived++;
		} else {
			$refused++;
			$case->{messages}{ $got->{err} =~ s/\Q$case->{folder}\E[^: ]*/PATH/gr }++;
		}
	}
	return ($tried, $survived, $refused, \@lost);
}

1;
