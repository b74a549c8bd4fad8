/**
 * One seed of moves: a run in a breaking world, stopped at some point and moved to its edited graph, perhaps again later.
 * Whether it may move is asked of the engine and of the oracle; what was moved must be what a run of the new graph with the
 * same history is, at the move, at every event after it, after a crash, and at its end.
 */
import { apply } from '../../../src/core/engine/apply.ts'
import { decide } from '../../../src/core/engine/decide.ts'
import { heir, type Image, imageOf, newLogFold } from '../../../src/core/engine/image.ts'
import { compile } from '../../../src/core/engine/program.ts'
import type { Event } from '../../../src/core/engine/protocol.ts'
import { takeSnapshot } from '../../../src/core/engine/snapshot.ts'
import type { State } from '../../../src/core/engine/state.ts'
import type { Graph, NodeKind } from '../../../src/core/graph/graph.ts'
import { diceOf } from '../../core/dice.ts'
import { sizeOf } from '../census.ts'
import { bytesOf, type Case, caseOf, compare, lastLife, runs, type Seen, seen, textOf } from '../check.ts'
import type { FaultKind } from '../faults.ts'
import { KINDS } from '../generate.ts'
import { type Entry, World } from '../world.ts'
import { type Edit, edited, randomEdits } from './edit.ts'
import { checkRenames, type EditKind } from './edits.ts'
import { Oracle } from './oracle.ts'

/** A try to move the run. */
export interface Move {
  /** Before the world's action with this number. */
  readonly before: number
  readonly edits: readonly Edit[]
  /** What becomes of what runs. */
  readonly attempts: 'go on' | 'die'
}

export interface MoveCase extends Case {
  /** Which life of the run it is: the second is of a run that has ended and was driven again. */
  readonly life: 'first' | 'second'
  readonly moves: readonly Move[]
}

/** What came of a try. */
export interface Tried {
  /** The edits that could be made. */
  readonly done: readonly EditKind[]
  /** Of the new graph. */
  readonly kinds: ReadonlySet<NodeKind>
  readonly events: number
  readonly answer: 'allowed' | 'refused'
  /** What stands in the way. */
  readonly obstacle?: string
}

export function moveCaseOf(seed: number): MoveCase {
  const dice = diceOf(seed ^ 0x4d0e)
  const of = caseOf(seed, KINDS, 4 + dice.roll(dice.pick([14, 14, 50])))
  const { failOneIn, cancels, kinds } = dice.pick(THEMES)
  let before = 2 + dice.roll(2 + dice.roll(110))
  const moves = Array.from({ length: 3 + dice.roll(3) }, () => {
    const move = { before, edits: randomEdits(dice, kinds), attempts: dice.pick(['go on', 'die'] as const) }
    // Several at one point: what could not be moved may be, and what was moved is moved again.
    before += dice.pick([0, 0, 0, 5, 30])
    return move
  })
  const early = Array.from({ length: dice.roll(1 + cancels) }, () => ({
    kind: dice.pick(EARLY),
    before: 3 + dice.roll(40),
  }))
  return {
    ...of,
    life: dice.pick(['first', 'first', 'first', 'first', 'first', 'second'] as const),
    moves,
    behaviour: { ...of.behaviour, failOneIn: failOneIn ?? of.behaviour.failOneIn },
    faults: [...of.faults, ...early].sort((a, b) => a.before - b.before),
  }
}

/** What a run has behind it, and what is edited then: anything; or much that failed and was interrupted, and what hangs on that. */
const THEMES: readonly {
  readonly failOneIn: number | undefined
  readonly cancels: number
  readonly kinds?: readonly EditKind[]
}[] = [
  { failOneIn: undefined, cancels: 1 },
  { failOneIn: undefined, cancels: 1 },
  {
    failOneIn: 7,
    cancels: 4,
    kinds: [
      'on failure',
      'rename',
      'wrap',
      'unwrap',
      'retry',
      'exhausted',
      'deadline',
      'finally',
      'add arm',
      'drop order',
    ],
  },
]

const EARLY: readonly FaultKind[] = ['cancel step', 'cancel step', 'cancel scope', 'signal', 'lost worker', 'crash']

/** What was tried, in order. A case of which nothing could be moved is not played to its end. */
export function checkMoves(of: MoveCase): readonly Tried[] {
  if (isSampled(of, 0)) checkRenames(of.graph)
  const { world, late } = begun(of)
  const tried: Tried[] = []
  let moving: Moving = { world, graph: of.graph, oracle: new Oracle(of.graph, of.behaviour), of }
  let last: Moved | undefined
  for (const move of of.moves) {
    world.goOn(move.before - late)
    world.quiesce()
    if (world.state.phase.kind === 'ended') break
    moving.oracle.follow(world.entries)
    const { graph, done } = edited(moving.graph, move.edits)
    if (done.length === 0) continue
    const { image, next } = ask(moving, graph)
    tried.push(triedBy(image, world, graph, done))
    if (image.kind === 'none') continue
    const was = uncounted(world.state)
    world.moveTo(graph, image.state, move.attempts)
    const before = moving.graph
    moving = { ...moving, graph, oracle: next }
    if (isSampled(of, tried.length)) checkWayBack(moving, before, was)
    last = { seen: seen(world.state), entries: world.entries.length }
  }
  if (!last) return tried
  world.goOn()
  const end = { ...of, graph: moving.graph }
  compare(end, world, last.seen, last.entries)
  compareForced(end, world, last)
  return tried
}

/** Answers to edits at the first point of the case; nothing is moved. Undefined where the edit cannot be made. */
export function askingAt(of: MoveCase): (edit: Edit) => Tried | undefined {
  const { world } = begun(of)
  world.quiesce()
  const moving: Moving = { world, graph: of.graph, oracle: new Oracle(of.graph, of.behaviour), of }
  moving.oracle.follow(world.entries)
  return edit => {
    const { graph, done } = edited(of.graph, [edit])
    return done.length === 0 ? undefined : triedBy(ask(moving, graph).image, world, graph, done)
  }
}

function triedBy(image: Image, { log }: World, graph: Graph, done: readonly EditKind[]): Tried {
  const what = { done, kinds: sizeOf(graph).kinds, events: log.length }
  return image.kind === 'none'
    ? { ...what, answer: 'refused', obstacle: image.reason.kind }
    : { ...what, answer: 'allowed' }
}

/** A run that is a run of this graph now. */
interface Moving {
  readonly of: MoveCase
  readonly world: World
  readonly graph: Graph
  readonly oracle: Oracle
}

/** What is dear to look at is looked at in some of the cases. */
const isSampled = ({ schedule }: Case, which: number): boolean => (schedule + which) % 4 === 0

/** A run at its first move; when it has ended by then, an earlier one. `late`: actions by which moves are earlier. */
function begun(of: MoveCase): { readonly world: World; readonly late: number } {
  const first = of.moves[0]?.before ?? 0
  for (let before = first; ; before = Math.floor(before * 0.7)) {
    const world = new World({ ...of, dice: diceOf(of.schedule ^ 0x5eed) })
    runs.last = world
    if (of.life === 'second') {
      world.run()
      world.redrive(0)
      world.restart()
    }
    const since = world.actions
    if (of.life === 'second') world.goOn(since + before)
    else world.runTo(before)
    if (world.state.phase.kind !== 'ended' || before === 0) return { world, late: first - since - before }
  }
}

/** The state right after a move, and the entries until then. */
interface Moved {
  readonly seen: Seen
  readonly entries: number
}

/** The engine and the oracle agree on whether it can be moved, and if not, on the first event that stands in the way. */
function ask({ of, world, graph, oracle }: Moving, after: Graph): { readonly image: Image; readonly next: Oracle } {
  const { library } = of.behaviour
  const { obstacle, unsure, next } = oracle.ask(after)
  const events = world.log.map(text => JSON.parse(text) as Event)
  const image = imageOf({ before: graph, after, library, events })
  if (image.kind === 'image') {
    if (obstacle) throw new Error(`it is moved, although ${obstacle.reason}`)
    return { image, next }
  }
  const { at, event, reason } = image
  if (unsure.has(at)) return { image, next }
  if (!obstacle) throw new Error(`it is not moved because of ${event.kind}: ${reason.kind}, although it could`)
  if (obstacle.at !== at)
    throw new Error(`event ${at}, ${event.kind}, is in the way of the move, and it should be ${obstacle.at}`)
  return { image, next }
}

/** A move is undone by a move back, which is allowed as long as nothing has happened, and leaves nothing behind. */
function checkWayBack(moved: Moving, before: Graph, was: string): void {
  const bytes = bytesOf(moved.world.state)
  moved.oracle.follow(moved.world.entries)
  const { image } = ask(moved, before)
  if (image.kind === 'none') throw new Error('what was moved cannot be moved back')
  if (uncounted(image.state) !== was) throw new Error('moved back, it has other bytes than before')
  if (bytesOf(moved.world.state) !== bytes) throw new Error('who asks whether it can be moved changes the run')
}

/** All of a state but how many events it has seen. */
function uncounted(state: State): string {
  const snapshot = takeSnapshot(state)
  return textOf({ ...snapshot, fields: { ...snapshot.fields, eventCount: 0 } })
}

/** A run of the new graph, from its start, that is told the same: it says the same, and comes to the same end. */
function compareForced({ graph, behaviour }: Pick<Case, 'graph' | 'behaviour'>, world: World, moved: Moved): void {
  const life = lastLife(world)
  const state = heir(compile(graph, behaviour.library), life.heritage)
  for (const [index, entry] of world.entries.entries()) {
    if (index < life.entry) continue
    if (index === moved.entries && bytesOf(state) !== moved.seen.bytes)
      throw new Error('moved, it has other bytes than a run of the new graph with the same history')
    if (index >= moved.entries && !entry.torn) compareDecided(state, entry)
    for (const event of entry.events) apply(state, event)
  }
  const folding = newLogFold(compile(graph, behaviour.library))
  for (const text of world.log) folding.add(JSON.parse(text) as Event)
  if (JSON.stringify(folding.state().phase) !== JSON.stringify(world.state.phase))
    throw new Error('moved and folded with all its lives, it has another end')
  if (bytesOf(state) !== bytesOf(world.state))
    throw new Error('moved, it ends in other bytes than a run of the new graph with the same history')
}

function compareDecided(state: State, { input, events, refused }: Entry): void {
  const decision = decide(state, input)
  const said = (what: readonly Event[] | string | undefined): string => JSON.stringify(what)
  const [now, then] = [decision.kind === 'accepted' ? decision.events : decision.code, refused ?? events]
  if (said(now) !== said(then))
    throw new Error(`a run of the new graph answers ${input.kind} with ${said(now)}, and not with ${said(then)}`)
}
