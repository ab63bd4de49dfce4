-- One UTC day of sessions: DATA/days/YYYY-MM-DD.sqlite. sidecar/store/FORMAT.md explains the blobs.
-- Numbers stored here never change meaning. A new version of this file raises PRAGMA user_version.
PRAGMA user_version = 1;

-- Up to 131,072 sessions that do not change any more. All columns of all its rows are in segment_column.
CREATE TABLE segment (
  id INTEGER PRIMARY KEY,
  rows INTEGER NOT NULL,
  min_start_ms INTEGER NOT NULL,  -- epoch milliseconds UTC, of the rows
  max_end_ms INTEGER NOT NULL,
  columns INTEGER NOT NULL,       -- how many rows of segment_column belong to it
  sealed_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL       -- FNV-1a 64 over the numbers above and over its columns' numbers
) STRICT;

-- A column that is not listed has the value of an absent field in every row.
CREATE TABLE segment_column (
  key INTEGER PRIMARY KEY,        -- segment << 16 | column id of schemas/fields.json
  segment INTEGER GENERATED ALWAYS AS (key >> 16) VIRTUAL,
  column_id INTEGER GENERATED ALWAYS AS (key & 65535) VIRTUAL,
  form INTEGER NOT NULL,          -- 0 constant, 1 packed, 2 dictionary
  width INTEGER NOT NULL,         -- bytes of one packed value or code
  min INTEGER,                    -- unsigned 64 bits as signed; NULL for addresses
  max INTEGER,
  data BLOB NOT NULL              -- zstd frame with checksum
) STRICT;

-- Sessions that are committed but not sealed. A later batch's row of an id replaces the earlier one's.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,           -- of the collector, drawn at random at its start: ids are unique within a run
  lane INTEGER NOT NULL,          -- session id >> 48: the session table that it came from
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  min_start_ms INTEGER NOT NULL,
  max_end_ms INTEGER NOT NULL,
  data BLOB NOT NULL              -- zstd frame with checksum
) STRICT;

-- Rows of the journal with an id below this are in a segment already. Kept only while a batch has rows on both sides.
CREATE TABLE sealed (
  run INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  below INTEGER NOT NULL,
  PRIMARY KEY (run, lane)
) STRICT, WITHOUT ROWID;

-- The exporters whose ids appear in this file: what the catalog is rebuilt from if it is lost.
CREATE TABLE exporter (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL
) STRICT;

-- One row: counts the transactions, so that one whose outcome is unknown can be looked up.
CREATE TABLE progress (
  commits INTEGER NOT NULL
) STRICT;
INSERT INTO progress VALUES (0);
