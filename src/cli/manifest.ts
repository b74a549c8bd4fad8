/** What a run leaves for the next one of the same words, so that it may be a null run (./null-run.ts). */
import { join } from 'node:path'
import { closeLedger, type Gathered, newLedger, seenReads } from '../freshness/index.ts'
import { type Built, isMade } from '../loader/index.ts'
import type { Graph } from '../core/index.ts'
import { type Seen, sha256, type Stamps, type ValueStore } from '../values/index.ts'
import { DEFAULT_FILES } from './file.ts'
import type { Io } from './io.ts'
import { manifestVersion, nullCommand } from './null-run.ts'

export interface Memo {
  readonly ledger: Gathered
  /** The same, and remembers what is said on stdout. */
  readonly io: Io
  /** The run has succeeded. */
  close(run: string, values: Pick<ValueStore, 'outputs'>): Promise<void>
}

export interface MemoOptions {
  readonly storeFolder: string
  readonly stamps: Stamps
  readonly dir: string
  readonly built: Built
  readonly reads: Graph['reads']
  /** That no other version than the file's is to be run. */
  readonly current: Seen
}

/** undefined: this command can be no null run. */
export function newMemo(io: Io, options: MemoOptions): Memo | undefined {
  const { storeFolder, stamps, dir, built, reads, current } = options
  const command = nullCommand(io.words, io.cwd, io.env)
  if (command?.storeFolder !== storeFolder) return undefined
  const ledger = newLedger(io.env)
  for (const look of [
    () => seenBundle(built, dir, stamps),
    () => seenReads(reads, dir, stamps),
    () => before(built, dir),
    () => current,
  ]) {
    const seen = orNothing(look)
    if (seen) ledger.see(seen)
    else ledger.block('a file that was loaded')
  }
  let output = ''
  return {
    ledger,
    io: {
      ...io,
      out: text => {
        output += text
        io.out(text)
      },
    },
    async close(run, values) {
      const { file, words, cwd } = command
      const { env } = io
      const version = manifestVersion(io.version)
      await closeLedger(ledger, { file, version, words, cwd, folder: dir, run, output, stamps, values, env })
    },
  }
}

/** What has gone since it was loaded is not as it was. */
function orNothing<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** The modules that were loaded, the packages that they import, and Tutti itself. undefined: they are not as they were loaded. */
function seenBundle({ bundle, files }: Built, dir: string, stamps: Stamps): Seen | undefined {
  const seen: [string, string][] = []
  const modules = Object.entries(bundle.modules).filter(([, module]) => !isMade(module))
  if (modules.length !== files.length) return undefined
  for (const [path, module] of modules) {
    const absolute = join(dir, path)
    const hash = module.kind === 'native' ? module.hash : sha256(module.source)
    if (stamps.hashNow(absolute).hash !== hash) return undefined
    seen.push([absolute, hash])
    for (const target of module.kind === 'script' ? Object.values(module.targets) : []) {
      if (target.kind !== 'package') continue
      const manifest = packageFile(join(dir, target.path), target.name)
      if (manifest === undefined) return undefined
      seen.push([manifest, stamps.hashNow(manifest).hash])
    }
  }
  const own = process.argv[1]
  if (own !== undefined) seen.push([own, stamps.hashNow(own).hash])
  return { files: seen, folders: [], absent: [], env: [] }
}

/** A file that would be taken before this one, should it come. */
function before({ bundle, absent }: Built, dir: string): Seen {
  const at = DEFAULT_FILES.indexOf(bundle.entry)
  return {
    files: [],
    folders: [],
    absent: [...absent, ...DEFAULT_FILES.slice(0, Math.max(0, at)).map(name => join(dir, name))],
    env: [],
  }
}

/** Of a package that is linked, and may change without another version, there is none to go by. */
function packageFile(path: string, name: string): string | undefined {
  const marker = `/node_modules/${name}/`
  const at = path.lastIndexOf(marker)
  return at < 0 ? undefined : join(path.slice(0, at + marker.length), 'package.json')
}
