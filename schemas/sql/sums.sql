-- Sums of a day's sealed sessions: DATA/sums/YYYY-MM-DD.sqlite. sidecar/store/FORMAT.md explains them. Whatever is wrong
-- with this file, it can be deleted: it is made again from the sessions.
PRAGMA user_version = 1;

-- Sums of some of the day's segments.
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  min_start_ms INTEGER NOT NULL,  -- of all its sessions
  max_end_ms INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  made_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL       -- FNV-1a 64 over the numbers above and those of its rows in covered and part
) STRICT;

-- The segments of days/YYYY-MM-DD.sqlite whose sessions a block has.
CREATE TABLE covered (
  block INTEGER NOT NULL,
  position INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  checksum INTEGER NOT NULL,      -- the segment's own
  kept BLOB NOT NULL,             -- a column: 1 where the session is kept as it is, 0 where it is in sums
  PRIMARY KEY (block, position)
) STRICT, WITHOUT ROWID;

-- What a segment below holds.
CREATE TABLE part (
  segment INTEGER PRIMARY KEY,
  block INTEGER NOT NULL,
  what INTEGER NOT NULL,          -- 0 sums, 1 sessions that no sum has, 2 sessions that cross units
  unit_ms INTEGER NOT NULL,       -- of sums: the length of a unit; else 0
  family INTEGER NOT NULL         -- of sums: by which columns
) STRICT;

-- As in a day's file.
CREATE TABLE segment (
  id INTEGER PRIMARY KEY,
  rows INTEGER NOT NULL,
  min_start_ms INTEGER NOT NULL,
  max_end_ms INTEGER NOT NULL,
  columns INTEGER NOT NULL,
  sealed_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE segment_column (
  key INTEGER PRIMARY KEY,
  segment INTEGER GENERATED ALWAYS AS (key >> 16) VIRTUAL,
  column_id INTEGER GENERATED ALWAYS AS (key & 65535) VIRTUAL,
  form INTEGER NOT NULL,
  width INTEGER NOT NULL,
  min INTEGER,
  max INTEGER,
  data BLOB NOT NULL
) STRICT;
