#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# beside: others
# The commits since .github/CONTRIBUTING.md came in keep its rules: a subject under 72 characters without ";"
# that is no "wip" or fixup, a body, one parent. Commits before it are not looked at.
. "$(dirname "$0")/lib.sh"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
rules=.github/CONTRIBUTING.md

# Prints each commit after the one that added $rules and breaks a rule, with the rules.
commits_bad()
{
	first=$(git -C "$1" log --format=%H --diff-filter=A -- $rules | tail -n 1)
	[ -n "$first" ] || return 0
	git -C "$1" log -z --format='%h%x09%p%x09%s%x09%b' "$first..HEAD" | perl -C -0ne '
		chomp;
		my ($commit, $parents, $subject, $body) = split /\t/, $_, 4;
		my @bad;
		push @bad, "a merge" if $parents =~ / /;
		push @bad, length($subject) . " characters" if length $subject >= 72;
		push @bad, "two changes (;)" if $subject =~ /;/;
		push @bad, "no subject" if $subject =~ /^\W*(?:wip\b|(?:fixup|squash|amend)!)/i;
		push @bad, "no body" if ($body // "") !~ /\S/;
		print "$commit $subject: @bad\n" if @bad;'
}

if ! command -v git >/dev/null || ! git -C "$top" log -1 >/dev/null 2>&1; then
	skip_all "no git history"
fi
is "$(commits_bad "$top")" "" "the commits keep the rules"

# commit SUBJECT [BODY]: an empty one in a repository of the test's own
commit()
{
	git -C "$tmp/repo" commit -q --allow-empty -m "$1" ${2:+-m "$2"}
}

git init -q "$tmp/repo"
git -C "$tmp/repo" config user.name test
git -C "$tmp/repo" config user.email test@localhost
mkdir "$tmp/repo/.github"
commit "wip; before the rules"
echo rules >"$tmp/repo/$rules"
git -C "$tmp/repo" add $rules
commit "the rules"
is "$(commits_bad "$tmp/repo")" "" "commits before the rules are not looked at"
commit "area: what changed, in 71 characters, which is the most that there may" "why"
is "$(commits_bad "$tmp/repo")" "" "a good one is not complained of"

# bad WANTED SUBJECT [BODY]: such a commit is reported as WANTED; it is removed again
bad()
{
	wanted=$1
	shift
	commit "$@"
	is "$(commits_bad "$tmp/repo" | sed 's/^[^ ]* //')" "$1: $wanted" "seen to fail: $wanted"
	git -C "$tmp/repo" reset -q --hard HEAD~1
}

bad "72 characters" "area: what changed, in 72 characters, which is one more than it may be.." why
bad "two changes (;)" "area: this; that" why
bad "no subject" "wip" why
bad "no subject" "WIP: this" why
bad "no subject" "fixup! area: this" why
bad "no body" "area: this"
git -C "$tmp/repo" checkout -q -b side HEAD~1
commit "area: on the side" why
git -C "$tmp/repo" checkout -q -
git -C "$tmp/repo" merge -q --no-ff -m "Merge branch side" -m why side
is "$(commits_bad "$tmp/repo" | sed 's/^[^ ]* //')" "Merge branch side: a merge" "seen to fail: a merge"
done_testing
