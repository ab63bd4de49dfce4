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

-- Which flows of an exporter count, where somebody said so; the numbers of Metering.
CREATE TABLE IF NOT EXISTS exporter_metering (
  id INTEGER PRIMARY KEY,           -- of the exporter
  metering INTEGER NOT NULL
) STRICT;

-- Sampling rates that were announced after the sessions that they hold for: of those without a rate of their own that touch these times.
CREATE TABLE IF NOT EXISTS late_rate (
  exporter INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  rate INTEGER NOT NULL,            -- 1 in N; 0: it cannot be told
  PRIMARY KEY (exporter, from_ms)
) STRICT, WITHOUT ROWID;

-- NetFlow v9 and IPFIX templates, so that data decodes from the first datagram after a restart.
CREATE TABLE IF NOT EXISTS template (
  exporter TEXT NOT NULL,           -- address
  source_port INTEGER NOT NULL,     -- 0: of a version that did not note it
  domain INTEGER NOT NULL,
  version INTEGER NOT NULL,         -- 9 or 10
  template_id INTEGER NOT NULL,
  options INTEGER NOT NULL,
  record BLOB NOT NULL,             -- the template record as it came
  PRIMARY KEY (exporter, source_port, domain, version, template_id)
) STRICT, WITHOUT ROWID;

-- Of the senders of these templates: when they were started. What was started anew since has to announce its templates again.
CREATE TABLE IF NOT EXISTS stream (
  exporter TEXT NOT NULL,           -- address
  source_port INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  version INTEGER NOT NULL,
  booted_ms INTEGER NOT NULL,       -- epoch milliseconds by its own clock; 0: not known
  PRIMARY KEY (exporter, source_port, domain, version)
) STRICT, WITHOUT ROWID;

-- Sampling rates that exporters announced: they are announced seldom, and a record without its rate is too small a number.
CREATE TABLE IF NOT EXISTS sampling_rate (
  exporter TEXT NOT NULL,           -- address
  source_port INTEGER NOT NULL,
  domain INTEGER NOT NULL,
  scope INTEGER NOT NULL,           -- SamplingScope
  id INTEGER NOT NULL,              -- selector, ifIndex or template, as the scope says
  rate INTEGER NOT NULL,            -- 1 in N; 0: sampled, at a rate that cannot be told
  booted_ms INTEGER NOT NULL,       -- when the sender was started
  PRIMARY KEY (exporter, source_port, domain, scope, id)
) STRICT, WITHOUT ROWID;

-- What exporters told of themselves: names and speeds of interfaces, names of applications, VRFs and samplers.
CREATE TABLE IF NOT EXISTS told_name (
  exporter TEXT NOT NULL,           -- address
  kind INTEGER NOT NULL,            -- ToldKind
  id INTEGER NOT NULL,              -- ifIndex, application, VRF or sampler, as the kind says
  text TEXT NOT NULL,
  PRIMARY KEY (exporter, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What an exporter lost or had repaired within one minute, by the time of arrival; minutes without are not listed.
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
  unsampled INTEGER NOT NULL DEFAULT 0,   -- records of an exporter that samples at an unknown rate
  duplicates INTEGER NOT NULL DEFAULT 0,  -- datagrams that came twice
  PRIMARY KEY (minute, exporter)
) STRICT, WITHOUT ROWID;

-- The same by the hour, so that long ranges are read quickly.
CREATE TABLE IF NOT EXISTS quality_hour (
  hour INTEGER NOT NULL,            -- epoch hours
  exporter INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  malformed INTEGER NOT NULL,
  waiting_for_template INTEGER NOT NULL,
  kernel_drops INTEGER NOT NULL,
  queue_drops INTEGER NOT NULL,
  time_repaired INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  unsampled INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (hour, exporter)
) STRICT, WITHOUT ROWID;

-- Times in which an exporter that had sent regularly was not heard.
CREATE TABLE IF NOT EXISTS silence (
  exporter INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,           -- 0: it goes on
  PRIMARY KEY (exporter, from_ms)
) STRICT, WITHOUT ROWID;

-- How an exporter sends.
CREATE TABLE IF NOT EXISTS rhythm (
  exporter INTEGER PRIMARY KEY,
  tolerated_ms INTEGER NOT NULL,    -- a longer silence counts; 0: not known
  report_ms INTEGER NOT NULL        -- traffic is reported so long after it passed, at the latest
) STRICT;

-- Times in which a collector ran, kept up every ten seconds, and those that imported captures cover.
CREATE TABLE IF NOT EXISTS collected (
  start_ms INTEGER PRIMARY KEY,
  end_ms INTEGER NOT NULL,
  imported INTEGER NOT NULL
) STRICT;

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
