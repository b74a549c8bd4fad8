/**
 * Which steps of a graph changed files reach at once: those that read them, whose code they are, or that are called in them.
 * What follows from these is told by the graph (core/graph/affected.ts). It errs on the side of too much.
 */
import { posix, relative, resolve, sep } from 'node:path'
import { type Graph, holdsOthers, type Node, type PlacedNode, placedNodes } from '../core/index.ts'
import type { Code } from '../dsl/code.ts'
import { concernOf } from '../values/index.ts'
import type { Runnable } from './runnable.ts'

export interface Changed {
  /** Absolute. */
  readonly files: readonly string[]
  /** Absolute paths of all modules of the user's file. */
  readonly modules: readonly string[]
  /** Absolute paths that the step was seen to read when it last ran. */
  readonly readsOf: (path: string) => readonly string[]
}

/** By path of the step: the file by which it is reached. */
export type Reached = ReadonlyMap<string, string>

/** Where versions of packages stand. */
const LOCKS = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/

export async function reachedBy({ graph, bindings, cwd }: Runnable, changed: Changed): Promise<Reached> {
  const found = new Map<string, string>()
  const files = new Set(changed.files)
  const modules = changed.modules.filter(module => files.has(module))
  const isChangedModule = (path: string): boolean => modules.includes(resolve(cwd, path))
  const lock = changed.files.find(path => LOCKS.test(path))
  const codeOf = (name: string): Code | undefined => {
    const definition = bindings.definitions.get(name)
    return definition && 'code' in definition ? definition.code?.() : undefined
  }
  /** What decides about the graph itself. */
  const decisive = changed.files.find(path => decides(graph, relative(cwd, path).split(sep).join('/')))
  /** The outermost holder around the step looked at that stands in a changed module: how it is entered may differ. */
  let around: string | undefined
  const reach = async (step: PlacedNode): Promise<string | undefined> => {
    const { node, path } = step
    const own = node.at && isChangedModule(node.at.file) ? resolve(cwd, node.at.file) : undefined
    // What is inside of a holder comes right after it.
    if (around !== undefined && !isInside(path, around)) around = undefined
    if (holdsOthers(node)) {
      if (own !== undefined) around ??= path
      return undefined
    }
    if (decisive !== undefined) return decisive
    if (around !== undefined) return modules[0]
    return own ?? (await sourceFile(node)) ?? codeFile(node) ?? changed.readsOf(path).find(read => files.has(read))
  }
  const sourceFile = async (node: Node): Promise<string | undefined> => {
    if (node.kind !== 'source') return undefined
    const concerns = await concernOf(node.source, cwd)
    return changed.files.find(concerns) ?? (node.source.kind === 'function' ? codeFileOf(node.source.task) : undefined)
  }
  const codeFile = (node: Node): string | undefined => {
    // What a flow will call is not known before it runs.
    if (node.kind === 'flow') return modules[0]
    return 'task' in node ? codeFileOf(node.task) : undefined
  }
  const codeFileOf = (name: string): string | undefined => {
    const code = codeOf(name)
    if (code === undefined) return modules[0]
    if (code.kind === 'open') return isChangedModule(code.at.file) ? resolve(cwd, code.at.file) : modules[0]
    const names = Object.keys(code.parts)
    if (lock !== undefined && names.some(each => each.startsWith('package:'))) return lock
    const reached = [code.module, ...names.map(each => posix.join(posix.dirname(code.module), moduleIn(each)))]
    const module = reached.find(isChangedModule)
    return module === undefined ? undefined : resolve(cwd, module)
  }
  for (const step of placedNodes(graph.root)) {
    const file = await reach(step)
    if (file !== undefined) found.set(step.path, file)
  }
  return found
}

const isInside = (path: string, holder: string): boolean =>
  path.startsWith(holder) && '/[.'.includes(path[holder.length] ?? '')

/** `lib/x.ts:helper` stands in `lib/x.ts`. */
const moduleIn = (part: string): string => part.replace(/:[^/]*$/, '')

/** Whether what the file holds, or that it is there, was read while the graph was made. */
const decides = (graph: Pick<Graph, 'reads'>, path: string): boolean =>
  graph.reads.some(
    read =>
      (read.kind === 'file' && read.path === path) ||
      (read.kind === 'folder' && read.path === (path.includes('/') ? posix.dirname(path) : '.')),
  )
