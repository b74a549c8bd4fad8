/** A project in a folder of its own, run in this process as `tutti run` would: file, loader, store, shell, traces. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadFile } from '../../src/cli/file.ts'
import { processIo } from '../../src/cli/io.ts'
import { newMemo } from '../../src/cli/manifest.ts'
import { seenCurrent } from '../../src/cli/versions/current-file.ts'
import { newLedger } from '../../src/freshness/index.ts'
import type { Event } from '../../src/core/index.ts'
import { redriveRun, startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { Stamps, valueStore } from '../../src/values/index.ts'

export interface Ran {
  readonly id: string
  readonly status: string
  /** Steps that had an attempt, sources left out. */
  readonly ran: readonly string[]
  /** Steps whose result came from another run. */
  readonly known: readonly string[]
  readonly output: unknown
  readonly faults: readonly string[]
  /** Whether the next run could be a null run. */
  readonly blocks: readonly string[]
}

export interface Project {
  readonly dir: string
  readonly stamps: Stamps
  write(path: string, text: string): void
  read(path: string): string
  remove(path: string): void
  chmod(path: string, mode: number): void
  run(options?: {
    readonly workflow?: string
    readonly fresh?: readonly string[]
    readonly manifest?: boolean
  }): Promise<Ran>
  redrive(id: string, from: readonly string[]): Promise<Ran>
  store<T>(use: (store: Store) => Promise<T>): Promise<T>
  close(): void
}

export function newProject(file: string, files: { readonly [path: string]: string } = {}): Project {
  const dir = mkdtempSync(join(tmpdir(), 'tutti-fresh-'))
  const stamps = new Stamps()
  let runs = 0
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  write('tutti.ts', file)
  for (const [path, text] of Object.entries(files)) write(path, text)

  const withStore = async <T>(use: (store: Store) => Promise<T>): Promise<T> => {
    const store = await openStore(join(dir, '.tutti'), { durability: 'normal' })
    try {
      return await use(store)
    } finally {
      await store.close()
    }
  }

  const drive = (
    name: string | undefined,
    begin: (context: Parameters<typeof launchOf>[0]) => ReturnType<typeof launchOf>,
    manifest = false,
  ): Promise<Ran> =>
    withStore(async store => {
      const loaded = await loadFile(join(dir, 'tutti.ts'), dir)
      const runnable = loaded.runnable(name ?? loaded.fallback ?? '')
      const memo = manifest
        ? newMemo(
            { ...processIo('1'), cwd: dir, words: ['run'], out: () => undefined },
            {
              storeFolder: store.path,
              stamps,
              dir,
              built: loaded.built,
              reads: runnable.graph.reads,
              current: seenCurrent(store.path, stamps),
            },
          )
        : undefined
      const ledger = memo?.ledger ?? newLedger()
      const local = openLocal(store, {
        cwd: dir,
        configurations: runnable.configurations,
        reuse: { stamps, ledger },
        onLook: (_, seen) => ledger.see(seen),
      })
      local.register(runnable)
      const since = store.head()
      const launched = await begin({ local, runnable, store })
      await launched.session.ended
      await local.close()
      const { session } = launched
      if (session.state.phase.kind !== 'ended') throw new Error('the run has not ended')
      const { output, status } = session.state.phase
      if (memo && status === 'succeeded') await memo.close(session.run, launched.values)
      const values = valueStore(store.blobs, { cwd: dir, stamps })
      return {
        id: session.run,
        status,
        output: output && (await values.decode(output)),
        blocks: [...ledger.blocks],
        ...(await toldOf(store, session.run, since)),
      }
    })

  return {
    dir,
    stamps,
    write,
    read: path => readFileSync(join(dir, path), 'utf8'),
    remove: path => rmSync(join(dir, path), { recursive: true, force: true }),
    chmod: (path, mode) => chmodSync(join(dir, path), mode),
    run: ({ workflow, fresh, manifest } = {}) =>
      drive(workflow, context => launchOf(context, `run-${++runs}`, fresh), manifest),
    redrive: (id, from) =>
      drive(undefined, async ({ local, runnable, store }) => {
        const row = store.runs.get(id)
        if (!row) throw new Error(`no run ${id}`)
        return redriveRun(local, runnable, row, { from, accept: [] })
      }),
    store: withStore,
    close: () => rmSync(dir, { recursive: true, force: true }),
  }
}

interface Context {
  readonly local: ReturnType<typeof openLocal>
  readonly runnable: Parameters<typeof startRun>[1]
  readonly store: Store
}

const launchOf = ({ local, runnable }: Context, id: string, fresh: readonly string[] | undefined) =>
  startRun(local, runnable, id, {}, fresh ? { fresh } : {})

async function toldOf(store: Store, run: string, since: number): Promise<Pick<Ran, 'ran' | 'known' | 'faults'>> {
  const events: Event[] = []
  for await (const { event } of store.read({ run, from: since + 1 })) events.push(event)
  const isSource = (step: string): boolean => /(^|\/)(files?|src|dir|env|source)(~\d+)?$/.test(step)
  const steps = events.flatMap(event => ('step' in event && event.kind === 'attempt.started' ? [event.step] : []))
  return {
    ran: steps.filter(step => !isSource(step)),
    // Together: who has to put something back first is known later.
    known: events
      .flatMap(event => (event.kind === 'step.settled' && event.origin?.kind === 'run' ? [event.step] : []))
      .sort(),
    faults: events.flatMap(event => (event.kind === 'run.ended' && event.fault ? [event.fault.code] : [])),
  }
}
