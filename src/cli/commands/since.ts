/** `tutti run --since REF`: the part of a graph that hangs on files that have changed since a commit, and what it needs. */
import { relative, resolve } from 'node:path'
import { affectedBy, holdsOthers, type PlacedNode, placedNodes } from '../../core/index.ts'
import { reachedBy } from '../../run/changed.ts'
import { scopeOf } from '../../run/fresh.ts'
import type { Runnable } from '../../run/runnable.ts'
import { narrowedTo } from '../../run/selection.ts'
import type { Store } from '../../store/index.ts'
import { baseOf } from '../../values/index.ts'
import { type Changes, changedSince } from '../git.ts'
import type { Io } from '../io.ts'
import { counted, plain } from '../render/text.ts'

interface Since {
  readonly ref: string
  readonly runnable: Runnable
  /** Absolute paths of the modules of the user's file. */
  readonly modules: readonly string[]
  readonly store: Store
  readonly quiet: boolean
}

/** The part that is to run; undefined: nothing hangs on what has changed. Says on stderr what is selected, and what is not. */
export async function selectSince(
  io: Io,
  { ref, runnable, modules, store, quiet }: Since,
): Promise<Runnable | undefined> {
  const { graph, cwd } = runnable
  const changes = await changedSince(ref, cwd)
  const base = baseOf(store.path, cwd)
  const reads = new Map(store.traces.current(scopeOf(runnable)).map(trace => [trace.step, trace.reads]))
  const reached = await reachedBy(runnable, {
    files: changes.paths,
    modules,
    readsOf: step => (reads.get(step) ?? []).map(([path]) => resolve(base, path)),
  })
  const steps = affectedBy(graph, ({ path }) => reached.has(path)).filter(isWork)
  const selected =
    steps.length === 0
      ? undefined
      : {
          ...runnable,
          graph: narrowedTo(
            graph,
            steps.map(({ ids }) => ids),
          ),
        }
  if (!quiet)
    io.err(
      renderSince(ref, changes, { io, all: workOf(graph.root), affected: steps, kept: workOf(selected?.graph.root) }),
    )
  return selected
}

const isWork = ({ node }: PlacedNode): boolean => !holdsOthers(node) && node.kind !== 'source'
const workOf = (root: Runnable['graph']['root'] | undefined): readonly PlacedNode[] =>
  root ? [...placedNodes(root)].filter(isWork) : []

interface Shown {
  readonly io: Io
  readonly all: readonly PlacedNode[]
  readonly affected: readonly PlacedNode[]
  readonly kept: readonly PlacedNode[]
}

function renderSince(ref: string, { base, paths }: Changes, { io, all, affected, kept }: Shown): string {
  const { paint } = io.errScreen
  const isKept = new Set(kept.map(({ path }) => path))
  const isAffected = new Set(affected.map(({ path }) => path))
  const lines: readonly (readonly [label: string, names: readonly string[]])[] = [
    [`${counted(paths.length, 'file')} changed`, paths.map(path => relative(io.cwd, path))],
    ['affected', affected.map(({ shown }) => shown)],
    ['needed by them', kept.filter(({ path }) => !isAffected.has(path)).map(({ shown }) => shown)],
    ['left out', all.filter(({ path }) => !isKept.has(path)).map(({ shown }) => shown)],
  ]
  const head = `since ${plain(ref)} (${base.slice(0, 10)})`
  const body = lines.flatMap(([label, names]) => (names.length === 0 ? [] : [`  ${label}: ${few(names)}`]))
  const end = affected.length === 0 ? ['nothing that this workflow does hangs on it'] : []
  return `${[paint.bold(head), ...body, ...end].join('\n')}\n`
}

const NAMES_SHOWN = 12
const few = (names: readonly string[]): string =>
  names.slice(0, NAMES_SHOWN).map(plain).join(', ') +
  (names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : '')
