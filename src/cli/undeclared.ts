/**
 * What steps were seen to read and to write that they do not declare, and what to write into the file so that they do.
 * Nothing that is declared is told again, nor what belongs to tools: packages, version control, the store.
 *
 *   N1. A read of what another step makes is told by that step. Where nothing says that it comes first, that is told, too,
 *       also of a step that finds its inputs itself.
 *   N2. A folder is told only when no file in it is.
 */
import { statSync } from 'node:fs'
import { dirname, extname, relative, resolve, sep } from 'node:path'
import { type Graph, type Node, type Region, regionsOf } from '../core/graph/graph.ts'
import type { Access, Attempt } from '../exec/attempt.ts'
import type { Position } from '../util/diagnostic.ts'
import { resourcesIn } from '../values/bound-resources.ts'
import { orderOf } from './after.ts'

interface ReadOf {
  readonly path: string
  readonly step: string
  readonly order: 'after' | 'unordered'
}

/** Paths are relative to the folder of the file. */
export interface Undeclared {
  readonly step: string
  /** How many instances of the step did it. */
  readonly count: number
  readonly at: Position | undefined
  readonly reads: readonly string[]
  /** What other steps make. `unordered`: nothing says that they come first. */
  readonly readsOf: readonly ReadOf[]
  readonly writes: readonly string[]
  /** TypeScript to add. */
  readonly add: readonly string[]
}

export interface Undeclareds {
  /** `access.reads` are those beside its arguments. */
  saw(attempt: Attempt, access: Access): void
  list(): readonly Undeclared[]
}

interface Seen {
  readonly step: string
  readonly inputs: Attempt['policy']['inputs']
  readonly instances: Set<string>
  readonly reads: Set<string>
  readonly writes: Set<string>
  readonly outputs: Set<string>
  readonly depfiles: Set<string>
}

const IGNORED = /(^|\/)(node_modules|\.git|\.tutti)(\/|$)/

export function newUndeclareds(graph: Graph, cwd: string): Undeclareds {
  const byStep = new Map<string, Seen>()

  const entryOf = ({ name, policy, work }: Attempt): Seen => {
    const key = `${name} ${work.kind === 'source' ? '' : work.task}`
    const known = byStep.get(key) ?? {
      step: name,
      inputs: policy.inputs,
      instances: new Set(),
      reads: new Set(),
      writes: new Set(),
      outputs: new Set(),
      depfiles: new Set(),
    }
    byStep.set(key, known)
    return known
  }

  return {
    saw(attempt, { reads, writes }) {
      const seen = entryOf(attempt)
      const outputs = outputsOf(attempt)
      seen.instances.add(attempt.step)
      for (const path of outputs) seen.outputs.add(path)
      for (const path of depfilesOf(attempt, outputs)) seen.depfiles.add(path)
      for (const path of reads) seen.reads.add(path)
      for (const path of writes) seen.writes.add(path)
    },
    list() {
      const all = [...byStep.values()]
      const positions = positionsOf(graph.root)
      const isAfter = orderOf(graph)
      return all
        .map(seen => undeclaredOf(seen, all, { cwd, at: positions.get(seen.step), isAfter }))
        .filter(({ reads, readsOf, writes }) => reads.length + readsOf.length + writes.length > 0)
        .sort(byPlace)
    },
  }
}

const outputsOf = ({ args, cwd, root = cwd }: Attempt): readonly string[] =>
  args.flatMap(resourcesIn).flatMap(each => (each.kind === 'output' ? [resolve(root, each.path)] : []))

function depfilesOf({ policy: { inputs }, cwd }: Attempt, outputs: readonly string[]): readonly string[] {
  if (inputs?.kind !== 'depfile') return []
  return [resolve(cwd, inputs.path.replaceAll('{output}', outputs[0] ?? ''))]
}

interface Place {
  readonly cwd: string
  readonly at: Position | undefined
  readonly isAfter: (step: string, other: string) => boolean
}

function undeclaredOf(seen: Seen, all: readonly Seen[], { cwd, at, isAfter }: Place): Undeclared {
  const shown = (path: string): string => relative(cwd, path).split(sep).join('/') || '.'
  const counts = (path: string): boolean => !IGNORED.test(shown(path))
  const writes = leaves(
    [...seen.writes].filter(path => counts(path) && !isUnder(path, seen.outputs) && !seen.depfiles.has(path)),
    seen.outputs,
  )
  const others = all.filter(each => each !== seen)
  // Whoever infers its inputs, or has them written down, has declared them by that.
  const isTold = seen.inputs !== undefined
  const reads = [...seen.reads].filter(path => counts(path) && !isUnder(path, seen.outputs))
  const makerOf = (path: string): string | undefined =>
    others.find(({ outputs, writes: made }) => isUnder(path, outputs) || made.has(path))?.step
  const readsOf = reads.flatMap(path => {
    const step = makerOf(path)
    if (step === undefined) return []
    const order = isAfter(seen.step, step) ? ('after' as const) : ('unordered' as const)
    return isTold && order === 'after' ? [] : [{ path: shown(path), step, order }]
  })
  const own = isTold ? [] : leaves(reads.filter(path => makerOf(path) === undefined))
  const found = { reads: own.map(shown).sort(), readsOf, writes: writes.map(shown).sort() }
  return {
    step: seen.step,
    count: seen.instances.size,
    at,
    ...found,
    add: additions(found, { folders: own.filter(isFolder).map(shown), isTold }),
  }
}

/** Whether the path is one of these, or lies in one. */
function isUnder(path: string, folders: ReadonlySet<string>): boolean {
  for (let up = path; ; up = dirname(up)) {
    if (folders.has(up)) return true
    if (dirname(up) === up) return false
  }
}

/** Without the folders of what is told, or of `beside`. */
function leaves(paths: readonly string[], beside: ReadonlySet<string> = new Set()): readonly string[] {
  const folders = new Set<string>()
  for (const path of [...paths, ...beside])
    for (let up = dirname(path); !folders.has(up) && up !== dirname(up); up = dirname(up)) folders.add(up)
  return paths.filter(path => !folders.has(path))
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

function additions(
  { reads, readsOf, writes }: Pick<Undeclared, 'reads' | 'readsOf' | 'writes'>,
  { folders, isTold }: { readonly folders: readonly string[]; readonly isTold: boolean },
): readonly string[] {
  const isFile = (path: string): boolean => !folders.includes(path)
  return [
    ...grouped(reads.filter(isFile)).map(([pattern, count]) =>
      count === 1 ? call('file', pattern) : call('files', pattern),
    ),
    ...folders.map(path => call('dir', path)),
    ...new Set(readsOf.map(({ step }) => (isTold ? `.after(${step})` : `the result of ${step}`))),
    ...writes.map(path => call('output', path)),
    ...(reads.length > 0 ? ["{ inputs: 'inferred' }"] : []),
  ]
}

const call = (name: string, path: string): string => `${name}('${path.replace(/['\\]/g, '\\$&')}')`

/** Files of one folder and one ending as one pattern. */
function grouped(paths: readonly string[]): readonly (readonly [pattern: string, count: number])[] {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const ending = extname(path)
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const pattern = ending === '' ? path : `${folder}*${ending}`
    groups.set(pattern, [...(groups.get(pattern) ?? []), path])
  }
  return [...groups].map(([pattern, inside]) =>
    inside.length === 1 ? [inside[0] ?? pattern, 1] : [pattern, inside.length],
  )
}

/** Of each step's first call. */
function positionsOf(root: Region): ReadonlyMap<string, Position> {
  const found = new Map<string, Position>()
  const visit = (region: Region): void => {
    for (const node of region.nodes) {
      if (isCall(node) && node.at && !found.has(node.name)) found.set(node.name, node.at)
      for (const [, inner] of regionsOf(node)) visit(inner)
    }
  }
  visit(root)
  return found
}

const isCall = ({ kind }: Node): boolean => kind === 'task' || kind === 'effect'

function byPlace(a: Undeclared, b: Undeclared): number {
  const [one, other] = [a.at, b.at]
  const lines = (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0)
  return lines || (a.step < b.step ? -1 : 1)
}
