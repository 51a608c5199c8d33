-- SPDX-License-Identifier: GPL-2.0-or-later
-- The store, version 2: results/README.md, "The store", explains tables and columns.
-- Rows of a storm's leg lie together, in the order of the runs, because a query reads one leg of
-- one storm in thousands of runs.
CREATE TABLE machine (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
);
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	uuid TEXT NOT NULL UNIQUE,
	digest TEXT NOT NULL UNIQUE,
	path TEXT NOT NULL,
	started TEXT,
	duration_s REAL,
	target TEXT NOT NULL,
	clock TEXT NOT NULL,
	emulated INTEGER NOT NULL,
	tick_hz REAL,
	clock_step REAL,
	machine INTEGER REFERENCES machine
);
CREATE TABLE environment (
	path TEXT NOT NULL,
	run INTEGER NOT NULL REFERENCES run,
	value NOT NULL,
	PRIMARY KEY (path, run)
) WITHOUT ROWID;
CREATE INDEX environment_of_run ON environment (run);
CREATE TABLE storm (
	storm TEXT NOT NULL,
	run INTEGER NOT NULL REFERENCES run,
	kind TEXT NOT NULL,
	status TEXT NOT NULL,
	why TEXT,
	cpl INTEGER,
	native INTEGER,
	operations INTEGER,
	exits INTEGER NOT NULL,
	expected INTEGER NOT NULL,
	other INTEGER,
	disturbed INTEGER NOT NULL,
	lost INTEGER NOT NULL,
	control REAL,
	PRIMARY KEY (storm, run)
) WITHOUT ROWID;
CREATE INDEX storm_of_run ON storm (run);
CREATE TABLE leg (
	storm TEXT NOT NULL,
	main INTEGER NOT NULL,
	leg TEXT NOT NULL,
	run INTEGER NOT NULL REFERENCES run,
	site TEXT NOT NULL,
	records TEXT,
	repeats INTEGER,
	p50 REAL,
	p50_low REAL,
	p50_high REAL,
	p99 REAL,
	p99_low REAL,
	p99_high REAL,
	p999 REAL,
	p999_low REAL,
	p999_high REAL,
	count INTEGER NOT NULL,
	min REAL,
	mean REAL,
	max REAL,
	stddev REAL,
	PRIMARY KEY (storm, main, leg, run)
) WITHOUT ROWID;
CREATE TABLE repeat (
	storm TEXT NOT NULL,
	leg TEXT NOT NULL,
	run INTEGER NOT NULL REFERENCES run,
	repeat INTEGER NOT NULL,
	vcpu INTEGER NOT NULL,
	p50 REAL,
	p50_clean REAL,
	PRIMARY KEY (storm, leg, run, repeat, vcpu)
) WITHOUT ROWID;
CREATE TABLE warning (
	run INTEGER NOT NULL REFERENCES run,
	text TEXT NOT NULL
);
CREATE INDEX warning_of_run ON warning (run);
CREATE VIEW label AS
	SELECT run, substr(path, 8) AS key, value FROM environment
	WHERE path >= 'labels.' AND path < 'labels/';
