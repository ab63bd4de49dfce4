-- What outlives the days: DATA/catalog.sqlite. A changed table raises PRAGMA user_version; a table that is added does not.
PRAGMA user_version = 1;

CREATE TABLE IF NOT EXISTS exporter (
  id INTEGER PRIMARY KEY,           -- what sessions refer to
  address TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,               -- '' when nobody gave one
  configured_sampling INTEGER NOT NULL,  -- 1 in N; 0: not set
  first_seen_ms INTEGER NOT NULL,   -- epoch milliseconds UTC; 0: never
  last_seen_ms INTEGER NOT NULL,
  protocols INTEGER NOT NULL        -- bits of ProtocolBit
) STRICT;

-- NetFlow v9 and IPFIX templates, so that data decodes from the first datagram after a restart.
CREATE TABLE IF NOT EXISTS template (
  exporter TEXT NOT NULL,           -- address
  source_port INTEGER NOT NULL,     -- 0: the exporter's domains are not told apart by port
  domain INTEGER NOT NULL,
  version INTEGER NOT NULL,         -- 9 or 10
  template_id INTEGER NOT NULL,
  options INTEGER NOT NULL,
  record BLOB NOT NULL,             -- the template record as it came
  PRIMARY KEY (exporter, source_port, domain, version, template_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What an exporter lost or had repaired within one minute; minutes without are not listed.
CREATE TABLE IF NOT EXISTS quality (
  minute INTEGER NOT NULL,          -- epoch minutes
  exporter INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  malformed INTEGER NOT NULL,
  waiting_for_template INTEGER NOT NULL,
  kernel_drops INTEGER NOT NULL,
  queue_drops INTEGER NOT NULL,
  time_repaired INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  PRIMARY KEY (minute, exporter)
) STRICT, WITHOUT ROWID;

-- The day files, so that a query opens only those that it needs. While `open` is 1 the other numbers are not valid:
-- the file is written to, or was when the collector died.
CREATE TABLE IF NOT EXISTS day (
  name TEXT PRIMARY KEY,            -- YYYY-MM-DD
  open INTEGER NOT NULL,
  min_start_ms INTEGER NOT NULL,
  max_end_ms INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  segments INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Captures that were imported: the same one again would count twice.
CREATE TABLE IF NOT EXISTS imported (
  fingerprint TEXT PRIMARY KEY,     -- SHA-256 of its content, hexadecimal
  name TEXT NOT NULL,               -- of the file, as it was given
  imported_ms INTEGER NOT NULL,
  records INTEGER NOT NULL,
  sessions INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
