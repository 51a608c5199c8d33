# SPDX-License-Identifier: GPL-2.0-or-later
#
# Small trees for the tests of the rules: make_tree(file => content, ...) gives a Tree in a temporary folder.
package Example;
use strict;
use warnings;
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Tree;

our @EXPORT_OK = qw(make_tree);

sub make_tree
{
	my (%files) = @_;
	my $folder = tempdir(CLEANUP => 1);
	while (my ($file, $content) = each %files) {
		make_path("$folder/" . dirname($file));
		open my $out, '>:raw', "$folder/$file" or die "$folder/$file: $!\n";
		print $out $content;
		close $out or die "$folder/$file: $!\n";
	}
	return Tree->new($folder);
}

1;
