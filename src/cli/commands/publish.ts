/** `tutti publish`: the workflow as its file has it now becomes a version, or is one already. */
import { join } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
import type { Bump } from '../../versions/version.ts'
import { EXIT } from '../exit.ts'
import { lookAt } from '../check/look.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import { type Io, usage } from '../io.ts'
import { moduleCache } from '../module-cache.ts'
import { counted, plain } from '../render/text.ts'
import { openNewStore, storeFolder, type StoreFlags } from '../store.ts'
import { publishVersion, type Published } from '../versions/publish.ts'
import { nameOf } from '../versions/row.ts'
import { readWords } from './words.ts'

export interface PublishFlags extends StoreFlags {
  readonly message?: string
  readonly bump?: Bump
  readonly pre?: string
  readonly channel?: string
  readonly keepSources?: boolean
  readonly rename?: readonly string[]
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

export async function publishCommand(io: Io, words: readonly string[], flags: PublishFlags): Promise<number> {
  const { file, workflow } = readWords(io, words)
  const cache = moduleCache(join(storeFolder(io, flags, file), 'cache'))
  const loaded = await loadFile(file, io.cwd, { cache, reading: io.reading })
  const names = flags.all ? [...loaded.workflows.keys()] : [chooseWorkflow(loaded, workflow)]
  const runnables = names.map(name => loaded.runnable(name))
  for (const runnable of runnables) await lookAt(io, runnable)
  const store = await openNewStore(io, flags, file)
  try {
    for (const runnable of runnables) {
      const published = await publishVersion(store, loaded, runnable, {
        ...(flags.message === undefined ? {} : { message: flags.message }),
        ...(flags.bump === undefined ? {} : { bump: flags.bump }),
        ...(flags.pre === undefined ? {} : { pre: flags.pre }),
        ...(flags.channel === undefined ? {} : { channel: channelOf(flags.channel) }),
        keepSources: flags.keepSources ? 'contents' : 'hashes',
        renamed: renamedOf(flags.rename ?? []),
        write: flags.dryRun ? 'nothing' : 'store',
      })
      if (flags.json) io.out(`${JSON.stringify(asJson(published))}\n`)
      else tell(io, published, flags)
    }
    return EXIT.succeeded
  } finally {
    cache.flush()
    await store.close()
  }
}

/** `old=new`, each a step's path. */
export function renamedOf(pairs: readonly string[]): { readonly [before: string]: string } {
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=')
      if (at < 1 || at === pair.length - 1)
        throw usage(`--rename takes BEFORE=AFTER, not ${JSON.stringify(pair)}`, 'For example --rename lint=check')
      return [pair.slice(0, at), pair.slice(at + 1)] as const
    }),
  )
}

/** What could be taken for a number or a range cannot name a channel. */
function channelOf(name: string): string {
  if (/^[a-z][a-z0-9-]*$/i.test(name) && !RESERVED.has(name) && !/^[xv]\d*$/i.test(name)) return name
  return refuse('CHANNEL_INVALID', `${JSON.stringify(name)} cannot be the name of a channel`, {
    hint: 'Take letters, digits and hyphens, a letter first: stable, next, nightly.',
  })
}

const RESERVED = new Set(['latest', 'current', 'file'])

const asJson = ({ kind, row, facts, inferred }: Published) => ({
  kind,
  line: row.line,
  version: row.number,
  hash: row.hash,
  publishedAt: new Date(row.atMs).toISOString(),
  ...facts,
  ...(inferred ? { reasons: inferred.reasons } : {}),
})

function tell(io: Io, { kind, row, facts, inferred, unkept }: Published, { dryRun = false }: PublishFlags): void {
  const { paint } = io.errScreen
  io.out(`${nameOf(row)}\n`)
  if (unkept) io.err(`not kept, since it has changed since then: ${unkept.slice(0, SHOWN).map(plain).join(', ')}\n`)
  if (kind === 'same') return io.err(`nothing has changed: it is ${nameOf(row)} already\n`)
  const what = dryRun ? 'would be published' : 'published'
  const why = facts.since === undefined ? 'the first version' : `${facts.bump} since ${facts.since}`
  io.err(`${what}: ${why}\n`)
  const reasons = inferred?.reasons ?? []
  for (const { bump, text } of reasons.slice(0, SHOWN)) io.err(`  ${paint.bold(bump.padEnd(5))}  ${plain(text)}\n`)
  if (reasons.length > SHOWN)
    io.err(`  and ${counted(reasons.length - SHOWN, 'more change')}: tutti diff ${facts.since} ${row.number}\n`)
}

const SHOWN = 20
