/**
 * A run that breaks a property, played in the real engine: the claim is looked at again there, by what the engine says that
 * steps do. What breaks it there is a counterexample, however near it is to the run of the net.
 *
 *   P6. What is confirmed was seen in a run of the engine.
 */
import type { Graph, Note, PlacedProperty, State } from '../../core/index.ts'
import { idOf, placeAt, ScopeStatus, Status, unitOf } from '../../core/engine/state.ts'
import type { Composed } from '../workflow/composed.ts'
import { goodAnswer, type IsOver, type Player } from '../workflow/player.ts'
import { playRun } from '../workflow/replay.ts'
import { Letter, monitorOf } from './monitor.ts'
import type { Run } from './result.ts'

/** `not played`: what need not end, as a free-form net, is not played to its end, and what is very large takes too long. */
export type Confirmation = 'confirmed' | 'differs' | 'not played'

/** Nodes looked at after each of so many events, at most. */
const LOOKS_MAX = 1_500_000

export function confirm(
  graph: Graph,
  placed: PlacedProperty,
  composed: Composed,
  run: Run,
  isOver: IsOver,
): Confirmation {
  const mayGoOn = run.then === 'again' || [...composed.steps.values()].some(({ node }) => node.kind === 'net')
  if (mayGoOn || composed.steps.size * (run.trace.length + composed.steps.size) > LOOKS_MAX) return 'not played'
  let watching = newWatching(placed)
  const hear = () => {
    watching = newWatching(placed)
    return watching.hear
  }
  const isSeen = (player: Player): boolean => {
    for (const command of player.asked())
      if (command.kind === 'evaluateResult') player.tell(goodAnswer(player.state, command))
    if (watching.isBroken()) return true
    player.settle()
    return watching.isBroken() || (run.then === 'stuck' && isStuck(player) && watching.isOwing())
  }
  if (playRun(graph, { composed, trace: run.trace, hear, isOver }, isSeen)) return 'confirmed'
  return isOver() ? 'not played' : 'differs'
}

const isStuck = (player: Player): boolean => player.state.phase.kind === 'running' && player.asked().length === 0

/** The steps of a property, by their instances in a run. */
interface Watching {
  hear(state: State, notes: readonly Note[]): void
  isBroken(): boolean
  isOwing(): boolean
}

function newWatching({ property, meant }: PlacedProperty): Watching {
  const [isA, isB] = [matcherOf(meant[0] ?? []), matcherOf(meant[1] ?? [])]
  const ids = new Set(meant.flat().map(path => path.slice(path.lastIndexOf('/') + 1)))
  const monitor = property.kind === 'never' || property.kind === 'atMost' ? undefined : monitorOf(property.kind)
  let at = 0
  let isBroken = false
  let hasEnded = false
  let running = new Map<string, number>()

  const read = (letters: number): void => {
    if (monitor && (letters & monitor.letters) !== 0) at = monitor.next(at, letters & monitor.letters)
    if (monitor && at === monitor.wrong) isBroken = true
  }
  const begins = (step: string): void => read((isA(step) ? Letter.aBegins : 0) | (isB(step) ? Letter.bBegins : 0))
  const isTooMuch = (): boolean => {
    const steps = [...running.keys()]
    const a = steps.filter(isA)
    if (property.kind === 'atMost') return a.length > property.count
    return property.kind === 'never' && steps.some(step => isB(step) && a.some(other => other !== step))
  }

  return {
    hear: (state, notes) => {
      const now = runningIn(state, ids)
      const begun = new Set(running.keys())
      const begin = (step: string): void => {
        if (begun.has(step)) return
        begun.add(step)
        begins(step)
      }
      for (const note of notes) {
        if (note.kind === 'entered' && note.scope !== '') begin(ownerOf(note.scope))
        if (note.kind !== 'rested' || (note.how !== 'passed' && note.how !== 'lingers')) continue
        if (running.get(note.step) === Status.lingering) continue
        begin(note.step)
        read((isA(note.step) ? Letter.aDone : 0) | (isB(note.step) ? Letter.bDone : 0))
      }
      for (const step of now.keys()) begin(step)
      running = now
      if (isTooMuch()) isBroken = true
      if (hasEnded || state.phase.kind !== 'ended') return
      hasEnded = true
      read(state.phase.status === 'succeeded' ? Letter.succeeds : Letter.fails)
    },
    isBroken: () => isBroken,
    isOwing: () => monitor?.isOwing(at) === true,
  }
}

/** Those with one of the ids that are on their way, with their status. */
function runningIn(state: State, ids: ReadonlySet<string>): Map<string, number> {
  const found = new Map<string, number>()
  for (let scope = 0; scope < state.scopeCount; scope++) {
    if (state.scopes.status[scope] === ScopeStatus.free) continue
    for (const [node, { id }] of unitOf(state, scope).region.nodes.entries()) {
      if (!ids.has(id)) continue
      const place = placeAt(state, scope, node)
      const status = state.steps.status[place.row]!
      // Before its first attempt it only waits for a slot.
      const isBegun = status === Status.waiting ? state.steps.attempt[place.row]! > 0 : RUNNING.has(status)
      if (isBegun) found.set(idOf(state, place), status)
    }
  }
  return found
}

const RUNNING: ReadonlySet<number> = new Set([
  Status.running,
  Status.evaluating,
  Status.spawned,
  Status.draining,
  Status.sleeping,
  Status.backingOff,
  Status.parked,
  Status.lingering,
])

/** The step that a scope belongs to: `ci/race.fast/` is of `ci/race`. */
function ownerOf(scope: string): string {
  const start = scope.lastIndexOf('/', scope.length - 2) + 1
  return scope.slice(0, start) + scope.slice(start, -1).replace(/[.[].*$/, '')
}

/** Whether a step of a run is an instance of one at one of the paths: `tests[a.ts]/triage` of `tests[*]/triage`. */
function matcherOf(paths: readonly string[]): (step: string) => boolean {
  if (paths.length === 0) return () => false
  const pattern = new RegExp(`^(?:${paths.map(path => path.split('/').map(segmentOf).join('/')).join('|')})$`)
  return step => pattern.test(step)
}

/** Of a loop a turn is `[n]`; of what is entered again, the first time has no number. */
function segmentOf(segment: string): string {
  const [, id = '', mark = ''] = /^([^.[]*)(.*)$/.exec(segment) ?? []
  if (mark === '') return quoted(id)
  if (mark === '[*]') return `${quoted(id)}\\[[^\\]/]*\\]`
  const again = `${quoted(mark)}(?:\\[\\d+\\])?`
  return mark === '.body' ? `${quoted(id)}(?:${again}|\\[\\d+\\])` : `${quoted(id)}${again}`
}

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
