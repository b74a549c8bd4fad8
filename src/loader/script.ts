/** One module of a user's, from its text to what a bundle has of it. What was made once is taken from the cache. */
import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import type { Diagnostic } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { err, ok, type Result } from '../util/result.ts'
import type { NativeModule, ScriptModule } from './bundle.ts'
import { instrument, type CommonJs, type Instrumented } from './instrument/instrument.ts'
import { lineStarts, placeOf } from './instrument/lines.ts'
import type { Dialect } from './instrument/parse.ts'

/** `key` is a file name: 64 hex digits. What is lost or damaged is made again. */
export interface ModuleCache {
  readonly get: (key: Hash) => string | undefined
  readonly set: (key: Hash, text: string) => void
}

/** Part of every cache key: raised whenever the generated code changes. */
const GENERATION = 3

const DIALECTS: Readonly<Record<string, Dialect>> = { '.ts': 'ts', '.mts': 'ts', '.js': 'js', '.mjs': 'js' }

/** What the ending of a file's name says that its text is written in; undefined: nothing that Tutti runs. */
export const dialectOf = (path: string): Dialect | undefined => DIALECTS[extname(path)]

/** The module without its targets, which its place on disk tells; or all syntax errors. */
export async function readScript(
  path: string,
  source: string,
  dialect: Dialect,
  cache: ModuleCache | undefined,
): Promise<Result<ScriptModule | NativeModule, readonly Diagnostic[]>> {
  const key = cache && hash(`${GENERATION}\0${dialect}\0${source}`)
  const known = key && recall(cache.get(key))
  if (known) return ok(known)
  const result = await instrument(path, source, dialect)
  if (!result.ok) {
    const starts = lineStarts(source)
    return err(
      result.error.map(each => ({
        code: 'SYNTAX_ERROR',
        severity: 'error',
        message: sentence(each.message),
        hint: each.hint ?? 'Correct the syntax here.',
        at: { file: path, ...placeOf(starts, each.offset) },
      })),
    )
  }
  const module = moduleOf(source, result.value)
  if (key) cache.set(key, JSON.stringify(module))
  return ok(module)
}

function moduleOf(source: string, instrumented: Instrumented | CommonJs): ScriptModule | NativeModule {
  if (instrumented.kind === 'commonjs') return { kind: 'native', hash: hash(source) }
  const { code, map, links, sites, closures, lowered } = instrumented
  const { prologue: _, ...kept } = links
  return {
    kind: 'script',
    source,
    code,
    map,
    links: kept,
    sites,
    closures,
    targets: {},
    ...(lowered ? { lowered } : {}),
  }
}

function recall(text: string | undefined): ScriptModule | NativeModule | undefined {
  try {
    const module = text === undefined ? undefined : (JSON.parse(text) as Partial<ScriptModule | NativeModule>)
    return module?.kind === 'script' || module?.kind === 'native' ? (module as ScriptModule | NativeModule) : undefined
  } catch {
    return undefined
  }
}

/** SHA-256 as everywhere, by the machine's own implementation: this runs before the first step does. */
const hash = (content: string): Hash => createHash('sha256').update(content).digest('hex')

const sentence = (message: string): string => message.replace(/\.$/, '')
