/** `tutti rewind ci@1.2.0`: that version is current, for new runs, `up` and services, whatever the file says. */
import type { CurrentVersion, Store, VersionRow } from '../../store/index.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'
import { storeFolder, type StoreFlags, withStore } from '../store.ts'
import { announcing } from '../versions/current-file.ts'
import { fileOf, workflowOf } from '../versions/line.ts'
import { lineFor } from '../versions/lines.ts'
import { contentsOf } from '../versions/open.ts'
import { findVersion } from '../versions/reference.ts'
import { nameOf } from '../versions/row.ts'
import { CURRENT, FILE } from '../versions/words.ts'
import { readTarget } from './words.ts'

export interface RewindFlags extends StoreFlags {
  readonly json?: boolean
}

export async function rewindCommand(io: Io, words: readonly string[], flags: RewindFlags): Promise<number> {
  const target = readTarget(io, words)
  const { which } = target
  if (which === undefined)
    throw usage('tutti rewind needs a version', 'For example tutti rewind ci@1.2.0, or ci@file to take the file again')
  return withStore(io, { ...flags, store: storeFolder(io, flags, target.file) }, async store => {
    const line = lineFor(io, store, target)
    const rewound = rewind(store, line, which)
    if (flags.json) io.out(`${JSON.stringify(rewoundJson(rewound))}\n`)
    else {
      io.out(`${nameOf(rewound.row)}\n`)
      io.err(rewoundText(rewound))
    }
    return EXIT.succeeded
  })
}

interface Rewound {
  readonly row: VersionRow
  readonly how: CurrentVersion['how']
  readonly before: CurrentVersion | undefined
  /** Ids of runs that go on with what they began with. */
  readonly live: readonly string[]
}

function rewind(store: Store, line: string, which: string): Rewound {
  const before = store.versions.current(line)
  const row = findVersion(store, line, which === FILE ? CURRENT : which)
  // What cannot be read must not be current.
  if (which !== FILE) contentsOf(store, row)
  const how = which === FILE ? 'published' : 'pinned'
  announcing(store.path, () => store.versions.point(line, { number: row.number, how, atMs: Date.now() }))
  const live = store.runs
    .list({ workflow: workflowOf(line), status: ['running', 'paused'] })
    .filter(run => run.file === fileOf(store.path, line))
    .map(({ run }) => run)
  return { row, how, before, live }
}

const rewoundJson = ({ row, how, before, live }: Rewound) => ({
  line: row.line,
  version: row.number,
  hash: row.hash,
  pinned: how === 'pinned',
  ...(before ? { before: before.number } : {}),
  live,
})

function rewoundText({ row, how, before, live }: Rewound): string {
  const name = nameOf(row)
  const instead = before === undefined || before.number === row.number ? '' : ` instead of ${before.number}`
  const what =
    how === 'pinned'
      ? `new runs take ${name}${instead}, until the next tutti publish or tutti rewind ${workflowOf(row.line)}@${FILE}`
      : 'new runs take the file again'
  return `${[what, ...liveText(live)].join('\n')}\n`
}

const SHOWN = 3

function liveText(live: readonly string[]): readonly string[] {
  if (live.length === 0) return []
  const names = `${live.slice(0, SHOWN).join(', ')}${live.length > SHOWN ? ', …' : ''}`
  return [`${live.length === 1 ? '1 run goes' : `${live.length} runs go`} on as begun: ${names}`]
}
