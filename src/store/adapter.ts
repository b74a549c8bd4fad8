/**
 * Chooses the SQLite library. Each is imported on first use only: loading libsql costs 10-20 ms, which `tutti --version` must
 * not pay.
 */
import { refuse } from '../util/diagnostic.ts'
import { type Database, DatabaseError, type Statement } from './database.ts'

export type Adapter = 'libsql' | 'node'

/** The adapter that TUTTI_SQLITE names, else libsql. Refuses an unknown name with STORE_UNOPENABLE. */
export function chosenAdapter(env: { readonly [name: string]: string | undefined }): Adapter {
  const name = env['TUTTI_SQLITE'] ?? 'libsql'
  if (name === 'libsql' || name === 'node') return name
  refuse('STORE_UNOPENABLE', `TUTTI_SQLITE is '${name}', which is no SQLite library that Tutti knows`, {
    hint: "Set it to 'libsql' or 'node', or unset it.",
  })
}

/** Opens (and creates) a database file. Throws `DatabaseError`. */
export async function openDatabase(path: string, adapter: Adapter): Promise<Database> {
  const { open } = adapter === 'libsql' ? await import('./libsql.ts') : await import('./node-sqlite.ts')
  return keepingStatements(open(path))
}

/** Prepares each SQL text once: the store's texts are constants, and preparing costs more than running. */
function keepingStatements(database: Database): Database {
  const kept = new Map<string, Statement>()
  const prepare = (sql: string): Statement => {
    const statement = kept.get(sql) ?? database.prepare(sql)
    kept.set(sql, statement)
    return statement
  }
  const close = (): void => {
    // Statements that can still be reached would keep libsql's connection open.
    kept.clear()
    database.close()
  }
  return { ...database, prepare, close }
}

/**
 * libsql closes a connection only when its statements have been collected as garbage, so SQLite's own tidying up at the last
 * close may not come: the log is copied into the database here. Where others are at work, it is theirs to copy.
 */
export function closeDatabase(database: Database): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (error) {
    // Nothing is lost by it: the log is durable, and read at the next opening.
    if (!(error instanceof DatabaseError)) throw error
  } finally {
    database.close()
  }
}
