/**
 * The tables, as the list of migrations that led to them. A store's version is the number of migrations that it has seen
 * (`PRAGMA user_version`); the list only ever grows at its end.
 */
import { refuse } from '../util/diagnostic.ts'
import type { Database } from './database.ts'
import { fillDigests } from './digest.ts'
import { fillRunRows } from './run-rows.ts'

export const MIGRATIONS: readonly string[] = [
  // One row a commit and run. `body`: the events as NDJSON, NULL when gc removed the run; `digest`: its SHA-256, which
  // outlives it, so that the chain can still be checked; `previous`: last_seq of the run's row before, 0 for the first.
  `CREATE TABLE batches (
     last_seq INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, run TEXT NOT NULL, previous INTEGER NOT NULL,
     digest TEXT NOT NULL, chain TEXT NOT NULL, body TEXT
   ) STRICT;
   CREATE INDEX batches_by_run ON batches (run, last_seq);
   CREATE TABLE runs (
     run TEXT PRIMARY KEY, workflow TEXT NOT NULL, file TEXT NOT NULL, graph TEXT NOT NULL, bundle TEXT NOT NULL,
     args TEXT NOT NULL, status TEXT NOT NULL, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, ended_ms INTEGER
   ) STRICT;
   CREATE INDEX runs_by_age ON runs (created_ms);
   CREATE TABLE leases (
     run TEXT PRIMARY KEY, fence INTEGER NOT NULL, owner TEXT, process TEXT, taken_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL
   ) STRICT;`,
  `CREATE TABLE mailbox (id INTEGER PRIMARY KEY, run TEXT NOT NULL, message TEXT NOT NULL) STRICT;
   CREATE INDEX mailbox_by_run ON mailbox (run, id);
   CREATE TABLE snapshots (run TEXT NOT NULL, seq INTEGER NOT NULL, bytes BLOB NOT NULL, digest TEXT NOT NULL,
     PRIMARY KEY (run, seq)) STRICT;`,
  // The index of a run's rows is written late (./run-rows.ts); `indexed`: up to which sequence number it is.
  `DROP INDEX batches_by_run;
   CREATE TABLE run_rows (run TEXT NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (run, last_seq)) STRICT, WITHOUT ROWID;
   CREATE TABLE indexed (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL) STRICT;
   INSERT INTO run_rows (run, last_seq) SELECT run, last_seq FROM batches;
   INSERT INTO indexed (id, seq) SELECT 1, coalesce(max(last_seq), 0) FROM batches;`,
  // Letters stay until what they asked for is durable; `reply` is what their sender waits for (./mailbox.ts). Slots of pools
  // that all processes share, and who waits for them (./slots.ts).
  `ALTER TABLE mailbox RENAME TO mailbox_before;
   DROP INDEX mailbox_by_run;
   CREATE TABLE mailbox (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, run TEXT NOT NULL, message TEXT NOT NULL,
     wanted INTEGER NOT NULL, reply TEXT, replied_ms INTEGER) STRICT;
   INSERT INTO mailbox (number, id, run, message, wanted) SELECT id, 'letter-' || id, run, message, 0 FROM mailbox_before;
   DROP TABLE mailbox_before;
   CREATE TABLE slots (number INTEGER PRIMARY KEY, pool TEXT NOT NULL, owner TEXT NOT NULL, ticket INTEGER NOT NULL,
     process TEXT NOT NULL, weight INTEGER NOT NULL, priority REAL NOT NULL, taken INTEGER NOT NULL,
     since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, UNIQUE (owner, ticket)) STRICT;
   CREATE INDEX slots_by_pool ON slots (pool, number);`,
  // Digests of the rows that answer questions (./digest.ts); '' of those from before. `run_ends`: the last row of each run
  // that the index knows, beside the index, so that one of them tells when the other has lost it.
  `ALTER TABLE runs ADD COLUMN digest TEXT NOT NULL DEFAULT '';
   ALTER TABLE leases ADD COLUMN digest TEXT NOT NULL DEFAULT '';
   ALTER TABLE mailbox ADD COLUMN digest TEXT NOT NULL DEFAULT '';
   ALTER TABLE indexed ADD COLUMN digest TEXT NOT NULL DEFAULT '';
   CREATE TABLE run_ends (run TEXT PRIMARY KEY, last_seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO run_ends (run, last_seq) SELECT run, max(last_seq) FROM run_rows GROUP BY run;`,
  // What runs take from one another (./traces.ts); `reads`: what tells results of one key apart.
  `CREATE TABLE traces (key TEXT NOT NULL, reads TEXT NOT NULL, scope TEXT NOT NULL, step TEXT NOT NULL, run TEXT NOT NULL,
     at_ms INTEGER NOT NULL, body TEXT NOT NULL, digest TEXT NOT NULL,
     PRIMARY KEY (key, scope, step, reads)) STRICT, WITHOUT ROWID;
   CREATE INDEX traces_by_step ON traces (scope, step, at_ms);`,
  // Published versions of workflows (./versions): each line, and which of its versions is current; and the versions, by the id
  // of their line and their place in it.
  `CREATE TABLE lines (id INTEGER PRIMARY KEY, line TEXT NOT NULL, versions INTEGER NOT NULL, number TEXT NOT NULL,
     how TEXT NOT NULL, at_ms INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
   CREATE TABLE versions (id INTEGER PRIMARY KEY, number TEXT NOT NULL, facts BLOB NOT NULL, contents BLOB NOT NULL,
     digest BLOB NOT NULL, contents_digest BLOB NOT NULL) STRICT;
   ALTER TABLE runs ADD COLUMN version TEXT NOT NULL DEFAULT '';
   ALTER TABLE runs ADD COLUMN renames TEXT NOT NULL DEFAULT '';`,
]

export const STORE_VERSION = MIGRATIONS.length

/** 'Ttti': tells `file` and us whose database this is. */
const APPLICATION_ID = 0x54747469

/**
 * Brings a database to `STORE_VERSION`, each store once, in one transaction. Refuses a newer one with STORE_NEWER and
 * one of another program with STORE_FOREIGN, and writes to neither.
 */
export function migrate(database: Database, path: string): void {
  if (storedVersion(database, path) === STORE_VERSION) return
  // Only a store that is new or old gets here: WAL is a lasting property of the file, and cannot be set in a transaction.
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('BEGIN IMMEDIATE')
  try {
    // Again, under the lock: another process may have just done it.
    const version = storedVersion(database, path)
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration)
    // The end of the index gets its digest, and so do old rows: no statement of SQLite's can make one.
    fillRunRows(database)
    fillDigests(database)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${STORE_VERSION}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

/** In one statement: between two, another process may make the very same store. */
const MARKS = `SELECT (SELECT user_version FROM pragma_user_version),
  (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)`

/** 0 when nothing is there yet. Refuses with STORE_NEWER and STORE_FOREIGN. */
export function storedVersion(database: Database, path: string): number {
  const [version = 0, owner = 0, tables = 0] = (database.prepare(MARKS).all([])[0] ?? []).map(Number)
  if (owner !== APPLICATION_ID && (tables > 0 || version > 0)) {
    refuse('STORE_FOREIGN', `'${path}' is a database of another program`, {
      hint: 'Choose another folder with --store.',
    })
  }
  if (version > STORE_VERSION) {
    refuse(
      'STORE_NEWER',
      `'${path}' has format ${version}, written by a newer Tutti; this one knows ${STORE_VERSION}`,
      {
        hint: 'Update Tutti, or choose another folder with --store.',
      },
    )
  }
  return version
}
