/**
 * The default adapter: the package `libsql`, which installs ready-made on Node 20 (no compiler, no install script).
 *
 * Parameters always go in as one array (never written to, whatever its type says; a copy for each commit would cost more): a Buffer passed bare aborts the process in 0.5.29. Rows are read in raw mode,
 * since row objects carry a field `_metadata` of the library's own.
 */
import Libsql from 'libsql'
import { type Database, DatabaseError, SQLITE, type SqlRow, type SqlValue } from './database.ts'

export function open(path: string): Database {
  const database = guarded(() => new Libsql(path))
  return {
    exec: sql => void guarded(() => database.exec(sql)),
    prepare: sql => {
      const statement = guarded(() => database.prepare(sql))
      let raw = false
      return {
        run: parameters => guarded(() => statement.run(parameters as SqlValue[]).changes),
        all: parameters =>
          guarded(() => {
            // Raw mode is refused for statements that return nothing, hence only here and once.
            if (!raw) statement.raw()
            raw = true
            return statement.all(parameters as SqlValue[]) as SqlRow[]
          }),
      }
    },
    close: () => void database.close(),
  }
}

/** The library's errors become `DatabaseError` here, once. */
function guarded<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asDatabaseError(error)
  }
}

function asDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { rawCode } = error as { readonly rawCode?: number }
  // Without a code it is the library's own complaint, about us.
  return new DatabaseError(error.message, (rawCode ?? SQLITE.MISUSE) & 0xff, { cause: error })
}
