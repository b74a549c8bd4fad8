/**
 * A counterexample, played in the real engine: what the net does is turned into what the world tells the engine, and it is
 * looked at where the run then stands.
 *
 * The net has whole parts of the graph as one step, shows more than there is of a scope that closes, and leaves out locks that
 * cannot matter. So what it does is not copied move by move: each thing that it says of a step is brought about as well as can
 * be, whatever is not there yet is tried again later, and only the end is judged.
 *
 *   W4. What is said to go wrong was seen to go wrong in the engine, or is not said.
 */
import {
  type Event,
  type Graph,
  type Input,
  type Node,
  type State,
  type StepId,
  type Wait,
  waits,
} from '../../core/index.ts'
import { handlerLabel } from '../../core/graph/graph.ts'
import { pathMark } from '../../core/graph/placed.ts'
import { idOf, locate, NONE, type Place, placeAt, ScopeStatus, Status, unitOf } from '../../core/engine/state.ts'
import { fireIn } from '../net/petri-net.ts'
import type { Violation } from '../net/verdict.ts'
import type { Composed, Meaning, StepAt } from './composed.ts'
import {
  badAnswer,
  branch,
  chosen,
  goodAnswer,
  type Hear,
  type IsOver,
  lateAnswer,
  listed,
  newPlayer,
  type Player,
  severalOf,
} from './player.ts'

export type Replayed =
  /** It came out as it was said. `waits`: what the run waits for, for ever. */
  | {
      readonly kind: 'confirmed'
      readonly inputs: readonly Input[]
      readonly events: readonly Event[]
      readonly waits: readonly Wait[]
    }
  | { readonly kind: 'differs'; readonly why: string; readonly events: readonly Event[] }
  /** Of what never happens there is nothing to play. */
  | { readonly kind: 'nothing-to-play' }

export function replay(graph: Graph, composed: Composed, violation: Violation, isOver: IsOver = () => false): Replayed {
  if (violation.kind === 'dead-transition') return { kind: 'nothing-to-play' }
  const alone = netAlone(composed)
  const played = alone ? graphAround(graph, alone.node) : graph
  let differs: Replayed | undefined
  for (const go of [goInOrder, goLocksLast]) {
    const playing = newPlaying(newPlayer(played, isOver), composed, violation.trace)
    go(playing)
    if (isOver()) return { kind: 'differs', why: 'there was no time left to play it', events: playing.player.events }
    const replayed = alone ? judgeNet(playing, violation, alone.node) : judgeRun(playing)
    if (replayed.kind !== 'differs') return replayed
    differs ??= replayed
  }
  return differs ?? { kind: 'nothing-to-play' }
}

/** Plays a run of the net of the whole as well as can be, in each way that there is, until `isSeen` says that it is enough. */
export function playRun(
  graph: Graph,
  {
    composed,
    trace,
    hear,
    isOver,
  }: {
    readonly composed: Composed
    readonly trace: readonly number[]
    readonly hear: () => Hear
    readonly isOver: IsOver
  },
  isSeen: (player: Player) => boolean,
): boolean {
  return [goInOrder, goLocksLast].some(go => {
    const player = newPlayer(graph, isOver, hear())
    go(newPlaying(player, composed, trace))
    return isSeen(player)
  })
}

interface Playing {
  readonly player: Player
  readonly composed: Composed
  readonly trace: readonly number[]
  /** Steps that the net has parts of, by path. */
  readonly holders: ReadonlySet<string>
  /** What is still to be brought about, in its order. */
  readonly waiting: Due[]
  /** Arms of an `any` about which it is known whether they are taken, by step. */
  readonly taken: Map<StepId, Map<string, boolean>>
}

interface Due {
  readonly meaning: Meaning
  readonly index: number
}

function newPlaying(player: Player, composed: Composed, trace: readonly number[]): Playing {
  const holders = new Set<string>()
  for (const path of composed.steps.keys()) for (const around of holdersOf(path)) holders.add(around)
  return { player, composed, trace, holders, waiting: [], taken: new Map() }
}

/** `a.then/b[*]/c` stands in `a` and in `a.then/b`. */
function holdersOf(path: string): readonly string[] {
  const found: string[] = []
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    const own = path.slice(path.lastIndexOf('/', end - 1) + 1, end)
    found.push(path.slice(0, end - own.length) + own.replace(/[.[].*$/, ''))
  }
  return found
}

const dueAt = ({ composed, trace }: Playing, index: number): Due => ({
  meaning: composed.meanings[trace[index]!]!,
  index,
})

/** As the net goes. */
function goInOrder(playing: Playing): void {
  for (const index of playing.trace.keys()) {
    playing.waiting.push(dueAt(playing, index))
    bringAll(playing, () => true)
  }
}

/** What the net has nothing of goes well and ends, when something waits for it. */
function bringAll(playing: Playing, isMeant: (due: Due) => boolean): void {
  while (bringAbout(playing, isMeant) > 0 || (playing.waiting.length > 0 && settleOthers(playing)));
}

function settleOthers({ player, composed: { steps }, holders }: Playing): boolean {
  const isPart = (path: string): boolean =>
    steps.has(path) || holdersOf(path).some(around => steps.has(around) && !holders.has(around))
  return player.settleThose(step => {
    const place = locate(player.state, step)
    const path = place && pathAt(player.state, place)
    return path !== undefined && !isPart(path.path)
  })
}

/** What takes locks comes when nothing else can: another step may want one first that the net does not have of it. */
function goLocksLast(playing: Playing): void {
  for (const index of playing.trace.keys()) playing.waiting.push(dueAt(playing, index))
  const takesNone = ({ meaning }: Due): boolean => meaning.takes.length === 0
  for (let goesOn = true; goesOn; ) {
    bringAll(playing, takesNone)
    let isFirst = true
    goesOn =
      bringAbout(
        playing,
        due => isFirst && !takesNone(due),
        () => (isFirst = false),
      ) > 0
  }
}

/** In order, each that can be; what waits for something stays, and with it what follows of the same step. How many came about. */
function bringAbout(playing: Playing, isMeant: (due: Due) => boolean, onDone: () => void = () => undefined): number {
  const held = new Set<string>()
  let count = 0
  for (let at = 0; at < playing.waiting.length; ) {
    const due = playing.waiting[at]!
    const { step, items } = due.meaning
    const name = `${step?.path} ${items.join()}`
    if (!held.has(name) && isMeant(due) && bringOne(playing, due)) {
      playing.waiting.splice(at, 1)
      onDone()
      count += 1
    } else {
      held.add(name)
      at += 1
    }
  }
  return count
}

/** False: not yet. */
function bringOne(playing: Playing, { meaning, index }: Due): boolean {
  const { step, deed, items } = meaning
  if (!step || deed.kind === 'moves') return true
  const { player } = playing
  const place = placeOf(player.state, step.path, items)
  if (!place) return mayBeOver(deed.kind)
  const id = idOf(player.state, place)
  const status = (): number => player.state.steps.status[place.row]!
  switch (deed.kind) {
    case 'begins':
      return begin(player, id, status)
    case 'passes':
      for (const command of player.asked(id))
        if ('step' in command && command.step === id) tellIf(player, lateAnswer(command))
      return comesToRest(playing, { id, status, step })
    case 'drains':
    case 'withdrawn':
    case 'interrupted':
    case 'passed-over':
      return comesToRest(playing, { id, status, step })
    case 'fails':
      return fail(playing, { id, status, step }, codeFor(playing, index, step.path))
    case 'cancels':
      player.settle(id)
      return isAtRest(status())
    case 'chooses':
      return choose(playing, id, step.node, deed)
    case 'times-out':
      return timeOut(player, id)
    case 'fires':
      return fireTransition(playing, id, step, deed.label)
    case 'fired':
      return endFiring(playing, id, step, deed.label)
    case 'skipped':
    case 'ends':
      return true
  }
}

/** What ends a step may have come by itself; what begins one is still to come. */
const mayBeOver = (kind: Meaning['deed']['kind']): boolean =>
  kind !== 'begins' && kind !== 'chooses' && kind !== 'fires' && kind !== 'cancels'

function begin(player: Player, id: StepId, status: () => number): boolean {
  // A cancel is performed when it finds its target, which is told apart.
  if (!isCancel(player.state, id))
    for (const kind of ['proposeGrant', 'startAttempt'] as const)
      for (const command of player.asked(id)) {
        const starts = command.kind === 'startAttempt' ? command.supersedes === undefined : true
        if (command.kind === kind && command.step === id && starts) player.tell(goodAnswer(player.state, command))
      }
  const now = status()
  return (now !== Status.idle && now !== Status.queued && now !== Status.waiting) || isCancel(player.state, id)
}

/** What the net has parts of comes to its end by them. */
function comesToRest({ player, holders }: Playing, { id, status, step }: Ending): boolean {
  if (holders.has(step.path) && status() !== Status.queued) return true
  player.settle(id)
  return isAtRest(status())
}

interface Ending {
  readonly id: StepId
  readonly status: () => number
  readonly step: StepAt
}

/** The step itself when it is asked something, else what is inside of it, one thing after another, until something can fail. */
function fail({ player, holders }: Playing, { id, status, step }: Ending, code: string): boolean {
  if (isAtRest(status())) return true
  const own = player.asked(id).filter(command => 'step' in command && command.step === id)
  if (own.length === 0 && holders.has(step.path)) return true
  for (let turn = 0; turn < FAILING_MAX && !isAtRest(status()); turn++) {
    const commands = player.asked(id)
    if (commands.some(command => tellIf(player, badAnswer(command, code)))) continue
    if (!commands.some(command => player.tell(goodAnswer(player.state, command)))) break
  }
  return isAtRest(status())
}

const FAILING_MAX = 1_000

const tellIf = (player: Player, input: Input | undefined): boolean => input !== undefined && player.tell(input)

/** A code that the handler knows which is entered next, and none before it; else one that no handler names. */
function codeFor({ composed: { meanings }, trace }: Playing, index: number, path: string): string {
  for (const transition of trace.slice(index + 1)) {
    const { step, deed } = meanings[transition]!
    if (!step || deed.kind !== 'chooses' || deed.guard !== 'handler' || step.node.kind !== 'attempt') continue
    if (!path.startsWith(`${step.path}.body/`)) continue
    const handler = step.node.handlers.find((_, at) => handlerLabel(at) === deed.label)
    return handler?.errors[0] ?? 'TASK_FAILED'
  }
  return 'TASK_FAILED'
}

type Choice = Extract<Meaning['deed'], { kind: 'chooses' }>

function choose(playing: Playing, id: StepId, node: Node, { label, guard }: Choice): boolean {
  const { player } = playing
  // Which handler is entered was decided by the error.
  if (guard === 'handler') return true
  if (guard === 'items') return player.tell(listed(player.state, id, countIn(label)))
  if (node.kind !== 'any') return player.tell(branch(id, chosen(label)))
  const taken = playing.taken.get(id) ?? new Map<string, boolean>()
  playing.taken.set(id, taken)
  if (Object.hasOwn(node.arms, label)) taken.set(label, true)
  else taken.set(label.replace(/^not /, ''), false)
  if (taken.size < Object.keys(node.arms).length) return true
  playing.taken.delete(id)
  const labels = Object.keys(node.arms).filter(each => taken.get(each))
  return player.tell(branch(id, severalOf(node, labels)))
}

const WORDS: Readonly<Record<string, number>> = { no: 0, one: 1 }

/** `no item`, `one item`, `3 items`. */
function countIn(label: string): number {
  const [word = ''] = label.split(' ')
  return WORDS[word] ?? Number(word)
}

function timeOut(player: Player, id: StepId): boolean {
  const deadlineAtMs = Number.MAX_SAFE_INTEGER
  return player.tell({ kind: 'timer.fired', step: id, timer: 'deadline', atMs: deadlineAtMs })
}

/** One that has no other way has fired by itself. What runs nothing is over at once. */
function fireTransition(playing: Playing, id: StepId, step: StepAt, label: string): boolean {
  const { player } = playing
  const asking = player.asked(id).find(command => 'step' in command && command.step === id)
  const isAsked = asking?.kind === 'evaluateBranch' && asking.branches?.includes(label)
  if (isAsked && !player.tell(branch(id, { kind: 'chosen', branch: label }))) return false
  const runs = step.node.kind === 'net' && step.node.transitions.find(each => each.id === label)?.body.nodes.length
  return runs === 0 ? endFiring(playing, id, step, label) : true
}

/** The first of its firings that is on its way, where the net has no parts of it. */
function endFiring({ player, holders }: Playing, id: StepId, { path }: StepAt, label: string): boolean {
  if (holders.has(path)) return true
  for (const command of player.asked(id)) {
    if (!('step' in command) || command.step === id) continue
    const firing = command.step.slice(id.length, command.step.indexOf('/', id.length))
    if (firing.replace(/\[\d+\]$/, '') !== `.${label}`) continue
    player.settle(id + firing)
    break
  }
  return true
}

const isCancel = (state: State, id: StepId): boolean =>
  [...placesAt(state)].some(({ place, node }) => node.kind === 'cancel' && idOf(state, place) === id)

const isAtRest = (status: number): boolean =>
  status === Status.passed || status === Status.failed || status === Status.cancelled || status === Status.skipped

/** The instance that is there now; of several in a loop there is one, of several firings the first will do. */
function placeOf(state: State, path: string, items: readonly number[]): Place | undefined {
  for (const { place, node } of placesAt(state))
    if (path.endsWith(node.id) && isInstance(state, place, path, items)) return place
  return undefined
}

function* placesAt(state: State): Generator<{ readonly place: Place; readonly node: Node }> {
  for (let scope = 0; scope < state.scopeCount; scope++) {
    if (state.scopes.status[scope] === ScopeStatus.free) continue
    for (const [index, node] of unitOf(state, scope).region.nodes.entries())
      yield { place: placeAt(state, scope, index), node }
  }
}

function isInstance(state: State, place: Place, path: string, items: readonly number[]): boolean {
  const found = pathAt(state, place)
  return found?.path === path && found.items.every((item, index) => item === (items[index] ?? item))
}

/** Where it stands in the graph, and in which item of each `each` around it; undefined inside of what a flow calls. */
function pathAt(
  state: State,
  { scope, node }: Place,
): { readonly path: string; readonly items: readonly number[] } | undefined {
  let path = unitOf(state, scope).region.nodes[node]?.id ?? ''
  const items: number[] = []
  for (let at = scope; state.scopes.parent[at] !== NONE; ) {
    const parent = state.scopes.parent[at]!
    const owner = unitOf(state, parent).region.nodes[state.scopes.parentNode[at]!]
    const { origin } = unitOf(state, at)
    if (!owner || origin.kind !== 'nested') return undefined
    path = owner.id + pathMark(owner, origin.label) + path
    if (owner.kind === 'each') items.push(state.scopes.item[at]!)
    at = parent
  }
  return { path, items: items.reverse() }
}

/** The run: nothing more can come to it, and it has not ended. */
function judgeRun({ player }: Playing): Replayed {
  player.settle()
  const { inputs, events, state } = player
  if (state.phase.kind !== 'running') return { kind: 'differs', why: `the run ends: it has ${endOf(state)}`, events }
  if (player.asked().length > 0) return { kind: 'differs', why: 'the run goes on', events }
  return { kind: 'confirmed', inputs, events, waits: [...waits(state)] }
}

const endOf = ({ phase }: State): string => ('status' in phase ? phase.status : phase.kind)

type NetNode = Extract<Node, { kind: 'net' }>

/** The step that a net is about which is looked at by itself. */
function netAlone({ places }: Composed): { readonly node: NetNode } | undefined {
  const [first] = places
  const node = first?.kind === 'token' ? first.step.node : undefined
  return node?.kind === 'net' && places.every(place => place.kind === 'token' || place.kind === 'inner')
    ? { node }
    : undefined
}

/** What a transition runs is one task, as it is one thing in the net: so the engine plays no circle within one event. */
function graphAround(graph: Graph, node: NetNode): Graph {
  const bare = { after: [], policy: {} }
  const { undo: _undo, ...own } = node
  const transitions = node.transitions.map(({ id, consumes, produces, guard }) => {
    const work: Node = { ...bare, id: 'work', name: id, kind: 'task', task: id, args: [], executor: 'inline' }
    const body = { params: [], nodes: [work], result: NULL }
    // With a guard it is chosen, and does not fire before it is its turn.
    return { id, consumes, produces, ...(guard ? { guard: TRUE } : {}), body }
  })
  return {
    ...graph,
    params: [],
    root: { params: [], nodes: [{ ...own, ...bare, transitions }], result: NULL },
  }
}

const NULL = { kind: 'literal', value: null } as const
const TRUE = { kind: 'literal', value: true } as const

/** The net: it has failed for want of a way on, or its tokens are where they were said to be. */
function judgeNet({ player, composed }: Playing, violation: Violation, node: NetNode): Replayed {
  const { inputs, events, state } = player
  const confirmed: Replayed = { kind: 'confirmed', inputs, events, waits: [] }
  if (violation.kind === 'deadlock') {
    player.settle()
    const isStuck = 'fault' in state.phase && state.phase.fault?.code === 'NET_STUCK'
    return isStuck
      ? confirmed
      : { kind: 'differs', why: `the net does not get stuck: the run has ${endOf(state)}`, events }
  }
  const group = state.groups.get(0)
  if (group?.kind !== 'net') return { kind: 'differs', why: 'the net has ended', events }
  // What is wrong from the start takes no more than that it starts.
  if (violation.trace.length === 0) return confirmed
  const marking = markingAfter(composed, violation)
  const places = composed.places.flatMap((place, index) =>
    place.kind === 'token' ? [{ name: place.name, tokens: marking[index]! }] : [],
  )
  const other = places.find(({ name, tokens }) => group.marking[node.places.indexOf(name)] !== tokens)
  if (!other) return confirmed
  return { kind: 'differs', why: `the place ${other.name} should hold ${other.tokens}`, events }
}

function markingAfter({ net }: Composed, { trace }: Violation): Uint32Array {
  const marking = net.initial.slice()
  for (const transition of trace) fireIn(net, marking, transition)
  return marking
}
