/** One seed: a random graph, a world, a plan of faults, and everything that must hold of the run. */
import { apply } from '../../src/core/engine/apply.ts'
import type { Note } from '../../src/core/engine/note.ts'
import { heir, type Heritage, inherit, newHeritage } from '../../src/core/engine/image.ts'
import { outstanding } from '../../src/core/engine/outstanding.ts'
import { compile, type Program } from '../../src/core/engine/program.ts'
import type { Command, Event } from '../../src/core/engine/protocol.ts'
import { restoreSnapshot, type Snapshot, takeSnapshot } from '../../src/core/engine/snapshot.ts'
import { ScopeStatus, type State } from '../../src/core/engine/state.ts'
import type { Graph } from '../../src/core/graph/graph.ts'
import { validateGraph } from '../../src/core/graph/validate.ts'
import { diceOf } from '../core/dice.ts'
import type { Behaviour } from './behaviour.ts'
import { type Fault, faultPlan, type Knobs, knobsOf } from './faults.ts'
import { generate, type Kind } from './generate.ts'
import { Disagreement, Reference } from './reference.ts'
import { TokenGame } from './token-game.ts'
import { isLive, shape } from './tree.ts'
import { World } from './world.ts'

/** All that a run hangs on: a failure is reported, repeated and made smaller as one. */
export interface Case {
  readonly graph: Graph
  readonly behaviour: Behaviour
  readonly faults: readonly Fault[]
  readonly knobs: Knobs
  readonly schedule: number
}

export function caseOf(seed: number, kinds?: readonly Kind[], size?: number): Case {
  const dice = diceOf(seed)
  const { graph, library } = generate(dice, kinds, size)
  return {
    graph,
    behaviour: { library, failOneIn: dice.pick([0, 0, 80, 25]) },
    faults: faultPlan(dice),
    knobs: knobsOf(dice),
    schedule: seed,
  }
}

/** How a case fails. `kind` is the same for the same kind of failure, whatever the names in it. */
export interface Failure {
  readonly kind: string
  readonly message: string
  readonly stack: string
}

export function failureOf<C extends Case>(of: C, play: (of: C) => unknown = check): Failure | undefined {
  try {
    play(of)
    return undefined
  } catch (error) {
    const { message, stack = '' } = error as Error
    return { kind: error instanceof Disagreement ? error.about : bare(message), message, stack }
  }
}

/** Without what is in it of one graph. */
const bare = (message: string): string =>
  message.replace(/[\w.[\]/%'#]*\bn\d+\b[\w.[\]/%'#]*|\{.*|\d+/g, '#').slice(0, 80)

/** As text: V8's own serializer writes a whole number in two ways, as its JIT compiler likes. */
export const bytesOf = (state: State): string => textOf(takeSnapshot(state))

export const textOf = ({ columns, groups, ...rest }: Snapshot): string =>
  JSON.stringify([
    rest,
    Object.entries(columns).map(([name, column]) => `${name} ${column.join()}`),
    groups.map(([row, group]) => [row, group.kind === 'net' ? { ...group, found: [...group.found] } : group]),
  ])

const VALIDATED_EVERY = 8

/** For who shows a failure: the world of the last check. */
export const runs: { last: World | undefined } = { last: undefined }

export function check(of: Case): World {
  // The validator is not what is tried here: a sample shows that graphs are valid.
  const problems = of.schedule % VALIDATED_EVERY === 0 ? validateGraph(of.graph) : []
  if (problems.length > 0)
    throw new Error(`the validator refuses the graph: ${problems[0]?.code} ${problems[0]?.message}`)
  const dice = diceOf(of.schedule ^ 0x5eed)
  const middle = 2 + dice.roll(80)
  // Half of the runs are looked into half way: their snapshots and what they owe.
  const isLookedInto = of.schedule % 2 === 0
  let live: Seen | undefined
  const watch = (state: State): void => void (isLookedInto && state.eventCount === middle && (live = seen(state)))
  const world = new World({ ...of, dice, watch })
  runs.last = world
  world.run()
  compare(of, world, live)
  return world
}

/** All that there is to see of a state. */
export interface Seen {
  readonly snapshot: Snapshot
  readonly bytes: string
  readonly owed: string
}
export function seen(state: State): Seen {
  const snapshot = takeSnapshot(state)
  return { snapshot, bytes: textOf(snapshot), owed: JSON.stringify(outstanding(state)) }
}

/**
 * Folds the log beside the reference: at every event both say the same, and the folded states are the live ones.
 * `foreign`: so many entries were told to runs of other graphs, of which this one is the continuation.
 */
export function compare(
  { graph, behaviour, schedule }: Pick<Case, 'graph' | 'behaviour' | 'schedule'>,
  world: World,
  live: Seen | undefined,
  foreign = 0,
): void {
  const game = new TokenGame()
  const reference = new Reference(graph, behaviour, game)
  const life = lastLife(world)
  const folded = heir(compile(graph, behaviour.library), life.heritage)
  if (life.entry > 0) reference.inherit(life.heritage.args)
  let restored: State | undefined
  let at = life.heritage.eventCount
  for (const [index, entry] of world.entries.entries()) {
    if (index < life.entry) continue
    if (index >= foreign) reference.compare(entry)
    // What was refused there might have been taken here.
    else if (entry.events.length > 0) reference.compareForeign(entry)
    for (const told of entry.events) {
      const notes: Note[] = []
      const event = JSON.parse(world.log[at++]!) as Event
      apply(folded, event, notes)
      if (restored) apply(restored, event)
      reference.follow(told)
      // In which order arms begin and a join is decided within one event is not defined: what came and went is not looked at.
      const engine = notes.flatMap(noted)
      const gone = [...passing(engine), ...passing(reference.notes)]
      const counts = (note: string): boolean => {
        const [, name = ''] = note.split(' ')
        // Nor whether what will never begin is told before the scope around it closes.
        if (note.endsWith(' cancelled') && !reference.wasOpen(name)) return false
        if (note.endsWith(' skipped') && !reference.wasOpen(name) && !reference.isAround(name)) return false
        return !gone.some(scope => name.startsWith(scope))
      }
      compareNotes(engine.filter(counts), reference.notes.filter(counts), event)
      if ((at + schedule) % LOOKED_EVERY === 0) {
        compareOwed(outstanding(folded).map(owed), reference.owed())
        compareScopes(folded, reference, game)
      }
      if (live && at === live.snapshot.fields.eventCount)
        restored = restoredFrom(live, folded, compile(graph, behaviour.library))
    }
  }
  if (!reference.isOver) throw new Error('the run has ended, and by the reference it has not')
  const bytes = bytesOf(world.state)
  if (bytesOf(folded) !== bytes) throw new Error('replay: the folded log gives other bytes')
  if (restored && bytesOf(restored) !== bytes)
    throw new Error('replay: folded on from a snapshot, the log gives other bytes')
}

/** Where the run began anew for the last time, and what is left of the lives before. */
export function lastLife({ entries, log }: World): { readonly entry: number; readonly heritage: Heritage } {
  const entry = Math.max(
    0,
    entries.findLastIndex(({ events }) => events[0]?.kind === 'run.redriven'),
  )
  const count = entries.slice(0, entry).reduce((sum, { events }) => sum + events.length, 0)
  const heritage = newHeritage()
  for (const text of log.slice(0, count)) inherit(heritage, JSON.parse(text) as Event)
  return { entry, heritage }
}

/** Events between two looks at all that is open. */
const LOOKED_EVERY = 8

/** The same scopes are there, and each is open or closing, has its tokens (E5) and counts its live steps (E3, E6) as it should. */
function compareScopes(state: State, reference: Reference, game: TokenGame): void {
  for (const scope of reference.scopes.values()) {
    const row = state.byPath.get(scope.path)
    if (row === undefined) throw new Disagreement(`the scope ${scope.path} should be there`)
    const { status, live, token } = state.scopes
    const isOpen = status[row] === ScopeStatus.open
    if (isOpen !== (scope.state === 'open')) throw new Disagreement(`the scope ${scope.path} should be ${scope.state}`)
    const lively = scope.steps.filter(isLive).length + (scope.undoing ? 1 : 0)
    if (live[row] !== lively)
      throw new Disagreement(`E3: the scope ${scope.path} counts ${live[row]} live steps, not ${lively}`)
    const tokens = game.tokensIn(scope)
    const marked = state.marks.tokens.subarray(token[row], token[row]! + tokens.length)
    if (isOpen && tokens.some((count, place) => count !== marked[place]))
      throw new Disagreement(
        `E5: the scope ${scope.path} has the tokens ${marked.join('')}, and its net ${tokens.join('')}`,
      )
  }
  if (state.byPath.size !== reference.scopes.size) throw new Disagreement('there are scopes that should have been left')
}

function owed(command: Command): string {
  switch (command.kind) {
    case 'startAttempt':
      return command.supersedes === undefined
        ? `start ${command.step}`
        : `supersede ${command.step} ${command.supersedes}`
    case 'stopAttempt':
      return `stop ${command.step} ${command.attempt}`
    case 'evaluateBranch':
    case 'evaluateItems':
    case 'evaluateTimer':
      return `evaluate ${command.step}`
    case 'armTimer':
      return `timer ${command.step} ${command.timer}${command.timer === 'retry' ? '' : ` ${command.atMs}`}`
    case 'awaitSignal':
      return `signal ${command.step}`
    case 'proposeGrant':
      return `grant ${command.step}`
    case 'answerCall':
      return `answer ${command.flow} ${command.key}`
    case 'evaluateResult':
      return 'result'
  }
}

function compareOwed(engine: readonly string[], reference: readonly string[]): void {
  const [more, less] = [missing(engine, reference), missing(reference, engine)]
  if (more.length + less.length === 0) return
  throw new Disagreement(
    `a process that takes over should be asked for ${less.join(', ') || 'nothing more'}, and not for ${more.join(', ') || 'anything else'}`,
    `owed: ${less.map(each => each.split(' ')[0]).join(' ')} not ${more.map(each => each.split(' ')[0]).join(' ')}`,
  )
}

function restoredFrom(live: Seen, folded: State, program: Program): State {
  if (bytesOf(folded) !== live.bytes) throw new Error('replay: the log folded half way gives other bytes')
  if (JSON.stringify(outstanding(folded)) !== live.owed)
    throw new Error('replay: the log folded half way owes other commands')
  const restored = restoreSnapshot(program, live.snapshot)
  if (bytesOf(restored) !== live.bytes) throw new Error('replay: a restored snapshot has other bytes')
  if (JSON.stringify(outstanding(restored)) !== live.owed)
    throw new Error('replay: a restored snapshot owes other commands')
  return restored
}

function noted(note: Note): readonly string[] {
  switch (note.kind) {
    case 'entered':
      return [`entered ${note.scope}`]
    case 'left':
      return [`left ${note.scope} ${note.how}`]
    case 'rested':
      return [`rested ${note.step} ${note.how}${note.fault ? ` by ${shape(note.fault)}` : ''}`]
    case 'waits':
      return []
  }
}

/** Scopes that begin and end with one event. */
function passing(notes: readonly string[]): readonly string[] {
  const left = new Set(notes.flatMap(note => (note.startsWith('left ') ? [note.split(' ')[1]!] : [])))
  return left.size === 0
    ? []
    : notes.flatMap(note => (note.startsWith('entered ') && left.has(note.slice(8)) ? [note.slice(8)] : []))
}

/** In any order: of what follows from one event only the outcome is defined. */
function compareNotes(engine: readonly string[], reference: readonly string[], event: Event): void {
  if (engine.length === reference.length && engine.every((note, index) => note === reference[index])) return
  const [more, less] = [missing(engine, reference), missing(reference, engine)]
  if (more.length + less.length === 0) return
  throw new Disagreement(
    `from ${event.kind} ${'step' in event ? event.step : ''} should follow ${less.join(', ') || 'nothing more'}, and not ${more.join(', ') || 'anything else'}`,
    `notes of ${event.kind}: ${kindsOf(less)} not ${kindsOf(more)}`,
  )
}

const missing = (from: readonly string[], all: readonly string[]): readonly string[] => {
  const left = [...all]
  return from.filter(each => {
    const index = left.indexOf(each)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

/** Of notes: their first words, and how it went. */
const kindsOf = (notes: readonly string[]): string =>
  [
    ...new Set(
      notes.map(note =>
        note
          .split(' ')
          .filter((_, index) => index !== 1)
          .slice(0, 2)
          .join(' '),
      ),
    ),
  ].join(' ')
