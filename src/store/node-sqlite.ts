/**
 * The adapter for `node:sqlite`, for a Node that has it (22.5 and later): no package at all. Node 20's types do not know
 * the module, so the few members in use are declared here.
 */
import { refuse } from '../util/diagnostic.ts'
import { type Database, DatabaseError, SQLITE, type SqlRow, type SqlValue } from './database.ts'

interface NodeStatement {
  run(...parameters: SqlValue[]): { readonly changes: number | bigint }
  all(...parameters: SqlValue[]): readonly { readonly [column: string]: SqlValue }[]
}

interface NodeDatabase {
  exec(sql: string): void
  prepare(sql: string): NodeStatement
  close(): void
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => NodeDatabase
}

export function open(path: string): Database {
  const { DatabaseSync } = nodeSqlite()
  const database = guarded(() => new DatabaseSync(path))
  return {
    exec: sql => guarded(() => database.exec(sql)),
    prepare: sql => {
      const statement = guarded(() => database.prepare(sql))
      return {
        run: parameters => guarded(() => Number(statement.run(...parameters).changes)),
        // Objects with columns in order: columns must have distinct names. `setReturnArrays` came only with Node 24.
        all: parameters => guarded(() => statement.all(...parameters).map((row): SqlRow => Object.values(row))),
      }
    },
    close: () => database.close(),
  }
}

/** Whether the running Node has node:sqlite. */
export const hasNodeSqlite = (): boolean => builtin('node:sqlite') !== undefined

function nodeSqlite(): NodeSqlite {
  const found = builtin('node:sqlite')
  if (found) return found as NodeSqlite
  return refuse('STORE_UNOPENABLE', `TUTTI_SQLITE is 'node', but Node ${process.versions.node} has no node:sqlite`, {
    hint: 'Unset TUTTI_SQLITE, or use Node 22.13 or later.',
  })
}

const builtin = (id: string): unknown =>
  // Missing in Node 20's types; there since 20.16.
  (process as { readonly getBuiltinModule?: (id: string) => unknown }).getBuiltinModule?.(id)

function guarded<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    const { errcode, code } = error as { readonly errcode?: number; readonly code?: string }
    // A whole number that none of ours can be.
    if (code === 'ERR_OUT_OF_RANGE') throw new DatabaseError(String(error), SQLITE.CORRUPT, { cause: error })
    throw error instanceof Error
      ? new DatabaseError(error.message, (errcode ?? SQLITE.MISUSE) & 0xff, { cause: error })
      : error
  }
}
