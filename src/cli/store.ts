/** Which store a command uses, and what it keeps beside the events: the lines that steps print. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Durability, openStore, type RunRow, type Store } from '../store/index.ts'
import type { Event, Region } from '../core/index.ts'
import { refuse } from '../util/diagnostic.ts'
import { nearestName } from '../util/nearest.ts'
import type { Io } from './io.ts'

export interface StoreFlags {
  readonly store?: string
  readonly durability?: Durability
}

/** `--store`, else TUTTI_STORE, else `.tutti` beside the file, else here. */
export function storeFolder(io: Io, flags: StoreFlags, file?: string): string {
  const named = flags.store ?? io.env['TUTTI_STORE']
  if (named) return resolve(io.cwd, named)
  return join(file === undefined ? io.cwd : dirname(resolve(io.cwd, file)), '.tutti')
}

export function openNewStore(io: Io, flags: StoreFlags, file: string): Promise<Store> {
  return openStore(storeFolder(io, flags, file), flags.durability === undefined ? {} : { durability: flags.durability })
}

export async function withStore<T>(io: Io, flags: StoreFlags, body: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(storeFolder(io, flags), {
    mode: 'existing',
    ...(flags.durability === undefined ? {} : { durability: flags.durability }),
  })
  try {
    return await body(store)
  } finally {
    await store.close()
  }
}

export const hasStore = (folder: string): boolean => existsSync(join(folder, 'store.db'))

/** What `body` finds in the store of a folder; undefined where there is none, which is not made. */
export async function withStoreIfThere<T>(folder: string, body: (store: Store) => Promise<T>): Promise<T | undefined> {
  if (!hasStore(folder)) return undefined
  const store = await openStore(folder, { mode: 'existing' })
  try {
    return await body(store)
  } finally {
    await store.close()
  }
}

/** The run of that id, or the newest when none is named. */
export function findRun(store: Store, run: string | undefined): RunRow {
  if (run === undefined) {
    return (
      store.runs.list({ limit: 1 })[0] ??
      refuse('RUN_UNKNOWN', 'There are no runs yet', { hint: 'Start one: tutti run' })
    )
  }
  const row = store.runs.get(run)
  if (row) return row
  const near = nearestName(
    run,
    store.runs.list({ limit: 1_000 }).map(each => each.run),
  )
  return refuse('RUN_UNKNOWN', `There is no run ${run} in ${store.path}`, {
    hint: near ? `Did you mean ${near}?` : 'tutti runs lists them.',
  })
}

/** The region of a workflow that a flow calls, before the event that calls it is folded. */
export async function loadCalled(store: Store, library: Map<string, Region>, event: Event): Promise<void> {
  const target = 'call' in event ? event.call?.target : undefined
  if (target?.kind !== 'workflow' || library.has(target.region)) return
  const text = new TextDecoder().decode(await store.blobs.get(target.region))
  library.set(target.region, JSON.parse(text) as Region)
}
