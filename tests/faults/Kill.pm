# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill -9 at random moments. Whatever has the name of a product is whole afterwards, no child lives on, and
# the next command of the same kind removes what the killed ones left.
package Kill;
use strict;
use warnings;
use File::Temp qw(tempdir);
use Time::HiRes qw(sleep time);
use Faults;

# %$case as Faults' and: product (path of what the command makes; a run or a file), seconds (of one that is not killed).
sub start
{
	my ($case) = @_;
	my $folder = $case->{folder};
	my $pid = fork // die "fork: $!\n";
	return $pid if $pid;
	setpgrp 0, 0;
	chdir $folder or die "$folder: $!\n";
	$ENV{TMPDIR} = "$folder/tmp";
	$ENV{EXITSTORM_SAVE} = 0; # so that a kill leaves a part of a run
	open STDIN, '<', '/dev/null';
	open STDOUT, '>', "$folder.out";
	open STDERR, '>', "$folder.err";
	exec $Faults::exitstorm, @{ $case->{argv} };
	exit 125;
}

# Emulators are killed by the kernel when their parent is: soon, not at once.
sub settles
{
	my ($folder) = @_;
	for (1 .. 100) {
		return 1 if !Faults::children($folder);
		sleep 0.1;
	}
	return 0;
}

# '': what stands under the product's name is whole, or what was there before.
sub fault_of
{
	my ($case) = @_;
	my $path = "$case->{folder}/$case->{product}";
	return '' if !-e $path;
	return Faults::run_fault($path) if -d $path;
	my $text = Faults::slurp($path);
	return '' if $text eq "old\n" || $text =~ $case->{end};
	return 'it is cut';
}

# A run that was killed may have left a part. '': it has not, or it can be continued and is whole then.
sub resume_fault
{
	my ($case) = @_;
	my $path = "$case->{folder}/$case->{product}";
	return '' if !-e "$path.partial";
	system "'$Faults::exitstorm' run -q --resume '$path' >/dev/null 2>'$case->{folder}.err'";
	return 'is not continued: ' . Faults::slurp("$case->{folder}.err") if $?;
	return 'continued: ' . Faults::run_fault($path) if Faults::run_fault($path);
	return -e "$path.partial" ? 'still has a part' : '';
}

sub litter
{
	my ($folder) = @_;
	my $tree = Faults::tree($folder);
	return grep { m{^/tmp/.} || m{/\.exitstorm} } sort keys %$tree;
}

# The ids of eBPF programs with the names of ours. Nothing where there is no bpftool.
sub programs
{
	return map { /^(\d+): .*name \w+_(?:tp_btf|raw_tp|tracepoint)\b/ ? ($1 => 1) : () } `bpftool prog show 2>/dev/null`;
}

# Those that a process which lives holds, by itself or by a link: of another trace on this machine.
sub programs_held
{
	my %held;
	for my $path (glob '/proc/[0-9]*/fdinfo/*') {
		$held{$1} = 1 if (Faults::slurp($path) // '') =~ /^prog_id:\s*(\d+)$/m;
	}
	return %held;
}

# The kernel unloads them after the process's end: soon, not at once.
sub programs_left
{
	my (%before) = @_;
	my @left;
	for (1 .. 100) {
		my %now = programs();
		@left = grep { !$before{$_} } sort keys %now;
		my %held = @left ? programs_held() : ();
		@left = grep { !$held{$_} } @left;
		return () if !@left;
		sleep 0.1;
	}
	return @left;
}

# One that is not killed: its litter, its status.
sub whole
{
	my ($case) = @_;
	my $began = time;
	system 'rm', '-rf', "$case->{folder}/$case->{product}" if $case->{fresh};
	waitpid start($case), 0;
	my $status = $?;
	$case->{seconds} = time - $began;
	return "status $status: " . Faults::slurp("$case->{folder}.err") if $status;
	return 'it made nothing' if !-e "$case->{folder}/$case->{product}";
	return fault_of($case);
}

sub prepare
{
	my ($case) = @_;
	$case->{folder} = tempdir('exitstorm-kill-XXXXXX', TMPDIR => 1, CLEANUP => 1) . '/trial';
	mkdir $case->{folder} or die "$case->{folder}: $!\n";
	mkdir "$case->{folder}/tmp" or die "tmp: $!\n";
	$case->{prepare}->($case->{folder}) if $case->{prepare};
	return whole($case);
}

# $count kills; (hit before the end, [what was lost]).
sub kills
{
	my ($case, $count) = @_;
	my ($hit, @lost) = (0);
	my %programs = programs();
	for my $number (1 .. $count) {
		system 'rm', '-rf', "$case->{folder}/$case->{product}" if $case->{fresh};
		my $pid = start($case);
		sleep rand($case->{seconds});
		kill 'KILL', $pid;
		waitpid $pid, 0;
		$hit++ if $? == 9;
		push @lost, "kill $number: a child lives on" if !settles($case->{folder});
		my $fault = fault_of($case);
		$fault ||= resume_fault($case);
		push @lost, "kill $number: $case->{product}: $fault" if $fault;
	}
	my $fault = whole($case);
	push @lost, "the next one: $fault" if $fault;
	my @programs = programs_left(%programs);
	push @lost, "eBPF programs are left: @programs" if @programs;
	my @left = litter($case->{folder});
	push @lost, "the next one leaves @left" if @left;
	return ($hit, \@lost);
}

1;
