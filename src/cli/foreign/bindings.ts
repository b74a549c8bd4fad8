/** Which file binds the names of a file in another language: the one that `--bind` names, or one that is called after it. */
import { statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
import { nearestName } from '../../util/nearest.ts'

export interface Found {
  /** Absolute; undefined: there is none. */
  readonly file: string | undefined
  readonly as: 'module' | 'text'
  /** Those that were looked for before it. */
  readonly absent: readonly string[]
}

/** The first that is there is taken. */
export const MODULE_ENDINGS: readonly string[] = ['.ts', '.mts', '.js', '.mjs']
const ENDINGS = [...MODULE_ENDINGS, '.json', '.yaml', '.yml']

export function bindingsFor(path: string, cwd: string, named: string | undefined): Found {
  if (named !== undefined) return found(namedFile(named, cwd), [])
  const candidates = bindingNames(basename(path)).map(name => join(dirname(path), name))
  const at = candidates.findIndex(isFile)
  return at < 0
    ? { file: undefined, as: 'module', absent: candidates }
    : found(candidates[at] as string, candidates.slice(0, at))
}

/** `order.bind.ts` and so on for `order.asl.json`, `order.json` and `order`. */
const bindingNames = (name: string): readonly string[] => ENDINGS.map(ending => `${stemOf(name)}.bind${ending}`)

/** The name without its ending, and without one that only says the language. */
const stemOf = (name: string): string => basename(name, extname(name)).replace(/(?<=.)\.asl$/, '')

const found = (file: string, absent: readonly string[]): Found => ({
  file,
  as: MODULE_ENDINGS.includes(extname(file)) ? 'module' : 'text',
  absent,
})

function namedFile(named: string, cwd: string): string {
  const path = resolve(cwd, named)
  if (isFile(path) && ENDINGS.includes(extname(path))) return path
  if (isFile(path))
    return refuse('BINDINGS_UNREADABLE', `${named} cannot bind anything: it is no module and no data`, {
      hint: `A file of bindings ends in ${ENDINGS.join(', ')}.`,
    })
  const near = nearestName(
    basename(named),
    ENDINGS.map(ending => `${basename(named, extname(named))}${ending}`).filter(each =>
      isFile(join(dirname(path), each)),
    ),
  )
  return refuse('FILE_NOT_FOUND', `There is no file ${named}`, {
    hint: near ? `Did you mean ${near}?` : 'Correct the path of --bind; it is relative to this folder.',
  })
}

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
