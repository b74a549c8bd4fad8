/**
 * Who changes what: which code must count for a binding beside its own declaration, because it may change what the binding
 * holds before a task sees it.
 *
 *   - What a cell visibly writes to (`x = …`, `x.a++`, `x.push(…)`, `Object.assign(x, …)`), wherever it stands.
 *   - What code that acts while its module is loaded can come by: everything with a state that it reaches.
 *   - What the body of a workflow or flow, or a getter that a declaration may run, visibly writes to, itself or by functions
 *     that it reaches.
 *
 * Functions of tasks run in steps and are passed over when what a call may run is followed.
 */
import { isWithin, type Meaning, type Reach, type Spot } from './reach.ts'
import { USE } from './cells.ts'

export interface Effects {
  /** What may change what a top-level spot holds. */
  readonly on: (spot: Spot) => readonly Spot[]
  /** The same for the value of a file that is no script. */
  readonly onData: (path: string) => readonly Spot[]
  /** What may change the world of every task: globals, the environment, what packages keep. */
  readonly ambient: readonly Spot[]
  /** Whether what a spot evaluates while loading may hang on what is read then. */
  readonly readsOutside: (spot: Spot) => boolean
  /** A spot whose code, run while a spot is loaded, asks for what nobody sees. */
  readonly unwatchedBy: (spot: Spot) => Spot | undefined
}

/** Spots that code may run, and what it touches there. */
interface Run {
  readonly spots: ReadonlySet<Spot>
  readonly data: ReadonlySet<string>
  readonly touchesOutside: boolean
  readonly callsOutside: boolean
  readonly writesGlobals: boolean
  readonly unwatched: Spot | undefined
}

/** By these a function comes by the environment without an import. */
const WORLD = new Set(['process', 'globalThis', 'global', 'eval', 'Function', 'require', 'fetch'])

export function createEffects(reach: Reach): Effects {
  /** By spot, or by path of a file that is no script. */
  const changed = new Map<Spot | string, Set<Spot>>()
  const written = new Set<Spot>()
  const ambient: Spot[] = []
  const runs = new Map<Spot, Run>()
  const pieces = reach.order.flatMap(path => reach.pieces(path))

  for (const piece of pieces) for (const spot of withAll(piece)) noteWrites(spot, spot)
  for (const piece of pieces) if (acts(piece)) noteActs(piece)
  for (const piece of pieces) if (piece.cell.loading === 'looks') noteVisibleWrites(piece, runOf(piece))
  for (const piece of pieces) for (const spot of withAll(piece)) if (spot.cell.role === 'body') noteBody(spot)

  return {
    on: spot => [...(changed.get(spot) ?? [])],
    onData: path => [...(changed.get(path) ?? [])],
    ambient,
    readsOutside: spot => runOf(spot).touchesOutside,
    unwatchedBy: spot => runOf(spot).unwatched,
  }

  function noteWrites(spot: Spot, by: Spot): void {
    for (const target of writesOf(spot)) {
      if (typeof target !== 'string') written.add(target)
      noteChange(target, by)
    }
  }

  function noteChange(target: Spot | string, by: Spot): void {
    const known = changed.get(target)
    if (known) known.add(by)
    else changed.set(target, new Set([by]))
  }

  function noteActs(piece: Spot): void {
    const run = runOf(piece)
    for (const spot of run.spots) if (!spot.around && hasState(spot)) noteChange(spot, piece)
    for (const path of run.data) noteChange(path, piece)
    if (run.writesGlobals || (piece.cell.role === 'statement' && run.callsOutside)) ambient.push(piece)
  }

  function noteBody(body: Spot): void {
    const run = runOf(body)
    noteVisibleWrites(body, run)
    if (run.writesGlobals) ambient.push(body)
  }

  function noteVisibleWrites(by: Spot, { spots }: Run): void {
    for (const spot of spots) noteWrites(spot, by)
  }

  function writesOf({ path, cell }: Spot): readonly (Spot | string)[] {
    return Object.entries(cell.uses).flatMap(([name, how]): readonly (Spot | string)[] => {
      if (!(how & USE.written)) return []
      const meaning = reach.meaningOf(path, name)
      if (meaning.kind === 'data') return [meaning.path]
      return meaning.kind === 'spots' ? meaning.spots : []
    })
  }

  function hasState(spot: Spot): boolean {
    return written.has(spot) || (spot.cell.names !== undefined && !spot.cell.stateless)
  }

  function runOf(start: Spot): Run {
    let run = runs.get(start)
    if (!run) runs.set(start, (run = newRun(start)))
    return run
  }

  /** All that evaluating `start` (of a body: calling it) may run, `start` included. */
  function newRun(start: Spot): Run {
    const spots = new Set<Spot>()
    const data = new Set<string>()
    const modules = new Set<string>()
    let touchesOutside = false
    let callsOutside = false
    let writesGlobals = false
    let unwatched: Spot | undefined
    const queue: Spot[] = []
    const add = (spot: Spot) => {
      if (spots.has(spot)) return
      spots.add(spot)
      queue.push(spot)
    }
    /** `how`: as what is done while `start` runs. What another declaration did when it was made is done. */
    const addMeaning = (meaning: Meaning, how: number, name: string) => {
      switch (meaning.kind) {
        case 'spots':
          for (const spot of meaning.spots) add(spot)
          return
        case 'module':
          addModule(meaning.path)
          return
        case 'global':
          if (WORLD.has(name)) noteOutside(how, USE.called)
          writesGlobals ||= (how & USE.written) !== 0
          return
        case 'package':
        case 'builtin':
          noteOutside(how, USE.called | USE.written)
          return
        case 'data':
          data.add(meaning.path)
          return
        case 'language':
          return
      }
    }
    const noteOutside = (how: number, acting: number) => {
      touchesOutside ||= how !== 0
      callsOutside ||= (how & acting) !== 0
    }
    const addModule = (path: string) => {
      if (modules.has(path)) return
      modules.add(path)
      for (const spot of reach.pieces(path)) add(spot)
      for (const [name, each] of reach.exportsOf(path)) addMeaning(each, 0, name)
    }
    add(start)
    for (let spot = queue.pop(); spot; spot = queue.pop()) {
      const { path, cell } = spot
      const isStart = isWithin(spot, start)
      const runsFunctions = start.cell.role === 'body' || start.cell.loading !== undefined
      const [, , asks = 0] = cell.unwatched ?? []
      // Naming what asks is not asking, nor is taking it out of an object: that a getter asks is not believed.
      if (asks & USE.later ? start.cell.loading === 'acts' : asks && isStart) unwatched ??= spot
      for (const [name, how] of Object.entries(cell.uses))
        if (runsFunctions || how & USE.eager)
          addMeaning(reach.meaningOf(path, name), isStart || how & USE.later ? how : 0, name)
      for (const inner of spot.inner) if (inner.cell.role === 'value' || inner.cell.role === 'inline') add(inner)
    }
    return { spots, data, touchesOutside, callsOutside, writesGlobals, unwatched }
  }
}

const acts = ({ cell }: Spot): boolean => cell.role === 'statement' || cell.loading === 'acts'

function withAll(spot: Spot): readonly Spot[] {
  return [spot, ...spot.inner.flatMap(withAll)]
}
