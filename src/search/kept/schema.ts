/**
 * The index: what is known of a store's runs, steps, values, graphs and lines, in tables of its own beside the store. Only a
 * cache: all of it can be made again from the store, so it has no migrations. Another `INDEX_VERSION` is thrown away.
 *
 *   I1. Removed or damaged, it is made anew; the answers are the same.
 *   I2. What one run has in it is replaced in one transaction, so a crash leaves whole runs.
 *   I3. A run that gc removed is found no more.
 */
export const INDEX_VERSION = 1

export const TABLES = `
  -- How far the store was read: its last sequence number, and how many runs it had.
  CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 1), head INTEGER NOT NULL, runs INTEGER NOT NULL);
  INSERT INTO mark VALUES (1, 0, 0);

  CREATE TABLE run (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, history INTEGER NOT NULL, workflow TEXT NOT NULL, file TEXT NOT NULL,
    version TEXT, graph TEXT NOT NULL, status TEXT NOT NULL, started INTEGER, ended INTEGER, duration INTEGER,
    steps INTEGER NOT NULL, code TEXT, message TEXT, last_seq INTEGER NOT NULL,
    -- How much of its lines has been read, and whether no more can come.
    line_bytes INTEGER NOT NULL DEFAULT 0, lines_done INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX run_history ON run (history, duration, status);
  CREATE INDEX run_live ON run (run) WHERE ended IS NULL;

  -- One row a step of a workflow, whatever the run and the keys: what its instances have in common, and their history.
  CREATE TABLE place (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, workflow TEXT NOT NULL, key TEXT NOT NULL, path TEXT NOT NULL,
    name TEXT NOT NULL, kind TEXT NOT NULL, avg REAL, max INTEGER, p50 INTEGER, p95 INTEGER, p99 INTEGER,
    UNIQUE (file, workflow, key, path, name, kind));
  -- The same for runs of a workflow.
  CREATE TABLE history (
    id INTEGER PRIMARY KEY, file TEXT NOT NULL, workflow TEXT NOT NULL,
    avg REAL, max INTEGER, p50 INTEGER, p95 INTEGER, p99 INTEGER, UNIQUE (file, workflow));

  -- Texts that recur: codes, messages, workers.
  CREATE TABLE text (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);

  -- One row a step id: what instances with the same keys have in common.
  CREATE TABLE spot (
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL, step TEXT NOT NULL, path TEXT NOT NULL, key TEXT,
    UNIQUE (place, step, path));

  -- status: index in STEP_STATUSES.
  CREATE TABLE step (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, place INTEGER NOT NULL, spot INTEGER NOT NULL, status INTEGER NOT NULL,
    attempts INTEGER NOT NULL, started INTEGER, ended INTEGER, duration INTEGER, worker INTEGER, code INTEGER, message INTEGER);
  CREATE INDEX step_run ON step (run);
  CREATE INDEX step_history ON step (place, duration, status);
  CREATE INDEX step_trouble ON step (status, started) WHERE status > 0;
  CREATE INDEX step_retried ON step (attempts, started) WHERE attempts > 1;
  CREATE INDEX step_message ON step (message) WHERE message IS NOT NULL;
  CREATE INDEX step_code ON step (code) WHERE code IS NOT NULL;
  CREATE INDEX step_started ON step (started);

  -- What a step gave, by the step's id. text: JSON that is short enough to stand in the log.
  CREATE TABLE value (
    id INTEGER PRIMARY KEY, codec TEXT NOT NULL, size INTEGER NOT NULL, hash BLOB NOT NULL, text TEXT);
  -- JSON that lies in blobs, read when somebody asks what is in values; null: it is too long, or gone.
  CREATE TABLE content (hash BLOB PRIMARY KEY, text TEXT) WITHOUT ROWID;

  CREATE TABLE graph (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL, workflow TEXT NOT NULL, file TEXT NOT NULL, version TEXT,
    latest INTEGER NOT NULL DEFAULT 0, UNIQUE (hash, workflow, file));
  CREATE TABLE node (
    id INTEGER PRIMARY KEY, graph INTEGER NOT NULL, key TEXT NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, task TEXT, executor TEXT, pool TEXT, retries INTEGER, timeout INTEGER, at TEXT, parent INTEGER,
    UNIQUE (graph, key));
  -- b depends directly on a.
  CREATE TABLE edge (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE INDEX edge_back ON edge (b, a);

  CREATE TABLE line (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, place INTEGER NOT NULL, spot INTEGER NOT NULL, attempt INTEGER NOT NULL,
    stream TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL);
  CREATE INDEX line_run ON line (run);
  CREATE VIRTUAL TABLE line_text USING fts5 (text, content = 'line', content_rowid = 'id', columnsize = 0,
    detail = none, tokenize = 'trigram case_sensitive 1');
`
