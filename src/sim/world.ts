/**
 * One simulated run, from its start to its end, through all lives of its process. It is the real shell that runs: only its
 * store, its clock and what stands for the tasks are others.
 *
 *   the world is quiet -> the next entry of the agenda happens -> the world is quiet …
 *   a commit at which the process dies -> a new life over the same memory
 */
import { setTimeout as later } from 'node:timers/promises'
import type { Region } from '../core/index.ts'
import { type Launched, resumeRun, startRun, valuesOf } from '../run/launch.ts'
import { receiversOf } from '../run/letters.ts'
import type { ServiceHost } from '../exec/service.ts'
import { openLocal } from '../run/local.ts'
import type { Runnable } from '../run/runnable.ts'
import type { Line, Session, SessionEnd } from '../run/session.ts'
import { type Memory, type MemoryStore, memoryStore, newMemory } from '../store/memory.ts'
import type { Store } from '../store/store.ts'
import { refuse, Refusal } from '../util/diagnostic.ts'
import type { Duration } from '../util/duration.ts'
import { unreachable } from '../util/unreachable.ts'
import type { ValueStore } from '../values/index.ts'
import { type Agenda, Hanging, newAgenda } from './agenda.ts'
import { newAttempts } from './attempts.ts'
import { type Chronicle, newChronicle } from './chronicle.ts'
import { Crash, type Fate, type Faults, newFate } from './faults.ts'
import { arrangement, type Real, type SimulatedCall } from './layers.ts'
import { type Life, newLife } from './life.ts'
import type { MockBook } from './mocks.ts'
import { newRandom, type Random } from './random.ts'
import { type Mouth, newMouth, type Signals, type SimulatedRequest, type Wait } from './signals.ts'

const RUN = 'simulation'

export interface WorldOptions {
  readonly runnable: Runnable
  /** Checked. */
  readonly args: Readonly<Record<string, unknown>>
  readonly book: MockBook
  readonly real: Real
  readonly seed: number | undefined
  readonly faults: Faults
  /** How long what runs for real takes. */
  readonly takes?: (call: SimulatedCall) => Duration | undefined
  /** Told how the virtual clock is read. */
  readonly onClock?: (now: () => number) => void
  readonly signals: Signals
  readonly requests: readonly SimulatedRequest[]
  readonly startMs: number
  readonly timeMsMax: number
  readonly eventsMax: number
  /** Of real time, while nothing moves. */
  readonly patienceMs: number
  readonly slots: number | undefined
  readonly sources: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
}

export interface Told {
  readonly chronicle: Chronicle
  readonly calls: readonly SimulatedCall[]
  readonly lines: readonly Line[]
  /** Virtual milliseconds from start to end. */
  readonly durationMs: number
  readonly commits: number
  readonly crashes: number
  /** Of a run that has not ended. */
  readonly waits: readonly Wait[]
}

/** `read` looks at what was told while its values can be read. */
export async function simulateWorld<T>(
  options: WorldOptions,
  read: (told: Told, values: ValueStore) => Promise<T>,
): Promise<T> {
  const world = newWorld(options)
  options.onClock?.(() => world.agenda.nowMs)
  try {
    let end: End
    do end = await live(world)
    while (end.kind === 'crashed' || (end.kind === 'waiting' && isTold(world)))
    const { agenda, fate, calls, lines, chronicle } = world
    const durationMs = agenda.nowMs - options.startMs
    const waits = end.kind === 'waiting' ? end.waits : []
    const { commits, crashes } = fate
    return await read({ chronicle, calls, lines, durationMs, commits, crashes, waits }, world.values)
  } finally {
    await world.store.close()
  }
}

/** A run that nothing here can move on is paused; it is resumed when the world has something to tell it. */
function isTold({ agenda, options }: World): boolean {
  const { nextMs } = agenda
  if (nextMs === undefined || nextMs - options.startMs > options.timeMsMax) return false
  agenda.advance()
  return true
}

/** Of a life. */
type End =
  | { readonly kind: 'ended' }
  | { readonly kind: 'crashed' }
  | { readonly kind: 'waiting'; readonly waits: readonly Wait[] }

interface World {
  readonly options: WorldOptions
  readonly agenda: Agenda
  readonly memory: Memory
  /** The world's own opening, which no death closes. */
  readonly store: MemoryStore
  readonly values: ValueStore
  readonly fate: Fate
  readonly calls: SimulatedCall[]
  readonly lines: Line[]
  readonly chronicle: Chronicle
  readonly mouth: Mouth
  /** For mocks, and for what flows draw: streams that go on over all lives. */
  readonly chance: Random
  readonly drawn: Random
  /** Set when the simulation cannot go on. */
  refusal: Refusal | undefined
}

function newWorld(options: WorldOptions): World {
  const { seed, startMs, runnable } = options
  const stream = (purpose: string): Random => newRandom(seed ?? 0, purpose)
  const agenda = newAgenda(startMs, seed === undefined ? undefined : stream('order'))
  const memory = newMemory()
  const store = memoryStore(memory)
  const values = valuesOf(store, runnable)
  const fate = newFate(options.faults, stream('faults'))
  const mouth = newMouth({
    agenda,
    startMs,
    signals: options.signals,
    requests: options.requests,
    encode: (name, value) => values.encode(value, { task: `signal ${name}` }),
    duplicateMs: fate.duplicateMs,
    onRefused: (what, refusal) => noteRefused(world, what, refusal),
  })
  const world: World = {
    options,
    agenda,
    memory,
    store,
    values,
    fate,
    calls: [],
    lines: [],
    chronicle: newChronicle({ graph: runnable.graph, regionOf: hash => regionIn(memory, hash), onWait: mouth.hear }),
    mouth,
    chance: stream('mocks'),
    drawn: stream('flows'),
    refusal: undefined,
  }
  return world
}

/** A name or a value that the run does not know is a mistake; a signal that comes when nobody waits is part of the story. */
function noteRefused(world: World, what: string, { code, message }: Pick<Refused, 'code' | 'message'>): void {
  if (code === 'SIGNAL_UNKNOWN' || code === 'SIGNAL_INVALID')
    world.refusal ??= new Refusal({
      code,
      severity: 'error',
      message,
      hint: 'Give the name of a signal that the workflow waits for, and a value that its validator takes.',
    })
  const text = `${what} came in vain: ${code}: ${message}`
  world.chronicle.note({ nowMs: world.agenda.nowMs, kind: 'refused', text })
}

interface Refused {
  readonly code: string
  readonly message: string
}

/** Kept before the event that names it. */
const regionIn = ({ blobs }: Memory, hash: string): Region =>
  JSON.parse(new TextDecoder().decode(blobs.get(hash))) as Region

/** One life of the process. */
async function live(world: World): Promise<End> {
  const { memory, fate, agenda, chronicle } = world
  if (world.store.runs.get(RUN)?.endedAtMs !== undefined) return { kind: 'ended' }
  const store = memoryStore(memory)
  const life = newLife({ agenda, chance: world.drawn, lateness: fate.latenessMs })
  try {
    const doomed = fate.doom(store, events => {
      for (const event of events) chronicle.add(event)
    })
    const { session } = await launch(world, life, doomed)
    const receive = receiversOf(doomed).get(RUN)
    if (receive) world.mouth.tell(receive)
    return await follow(world, session)
  } finally {
    life.end()
    store.kill()
  }
}

async function launch(world: World, life: Life, store: Store): Promise<Launched> {
  const { options, fate, calls, agenda } = world
  const { runnable, secrets, slots } = options
  let launched: Launched | undefined
  const attempts = newAttempts({
    life,
    values: world.values,
    sources: options.sources,
    duplicateMs: fate.duplicateMs,
    submit: input => launched?.session.submit(input),
  })
  const stage = {
    life,
    book: options.book,
    real: options.real,
    chance: world.chance,
    fate,
    workOf: attempts.workOf,
    note: (call: Omit<SimulatedCall, 'atMs'>) => {
      const noted = { ...call, atMs: agenda.nowMs - options.startMs }
      calls.push(noted)
      return noted
    },
    takes: options.takes ?? (() => undefined),
    stop: (refusal: Refusal) => {
      world.refusal ??= refusal
    },
  }
  const local = openLocal(store, {
    cwd: runnable.cwd,
    clock: life.clock,
    configurations: runnable.configurations,
    onLine: line => void world.lines.push({ ...line, atMs: line.atMs - options.startMs }),
    arrange: definition => arrangement(stage, definition),
    services: NO_SERVICES,
    secret: name => secrets[name] ?? `stand-in for the secret ${name}`,
    ...(slots === undefined ? {} : { slots }),
  })
  local.register(runnable)
  const launcher = { ...local, executor: attempts.watched(local.executor) }
  const row = store.runs.get(RUN)
  launched = row ? await resumeRun(launcher, runnable, row) : await startRun(launcher, runnable, RUN, options.args)
  return launched
}

/** They are mocked; ports are numbers that nobody listens on. */
const NO_SERVICES: ServiceHost = {
  executor:
    () =>
    ({ name }) => {
      throw new Error(`defect: the service ${name} was to be started in a simulation`)
    },
  port: async (_attempt, { number }) => number ?? 1,
}

async function follow(world: World, session: Session): Promise<End> {
  const { agenda, chronicle, options } = world
  const seen: { end: SessionEnd | undefined } = { end: undefined }
  void session.ended.then(end => {
    seen.end = end
  })
  for (;;) {
    await quiet(world)
    if (world.refusal) throw world.refusal
    if (seen.end) return concluded(world, session, seen.end)
    if (chronicle.events.length > options.eventsMax) endless(world, `more than ${options.eventsMax} events`)
    const { nextMs } = agenda
    if (nextMs === undefined) {
      if (await movesByItself(world, session, () => seen.end !== undefined)) continue
      return { kind: 'waiting', waits: waitsOf(world, session) }
    }
    if (nextMs - options.startMs > options.timeMsMax) endless(world, 'more virtual time than its limit')
    agenda.advance()
  }
}

/** More names are no help. */
const NAMED_MAX = 10
/** Long enough for what a function of the user's still does with real files. */
const GRACE_MS = 2

/**
 * Nothing is left to happen, so the run waits for somebody. Unless something is at work that the simulation cannot see: what a
 * flow's body awaits that is no call of its own.
 */
async function movesByItself(world: World, session: Session, isOver: () => boolean): Promise<boolean> {
  const { agenda, options } = world
  const untilMs = performance.now() + options.patienceMs
  do {
    await later(GRACE_MS)
    await quiet(world)
    if (isOver() || agenda.nextMs !== undefined) return true
    if (session.waiting().length > 0) return false
  } while (performance.now() < untilMs)
  // Flows wait for others, but the innermost of these waits for something else.
  const running = world.chronicle.steps.filter(step => step.state === 'running').map(({ step }) => step)
  return hangs(options, running.length > 0 ? running.slice(-NAMED_MAX) : ['nothing'])
}

function concluded(world: World, session: Session, end: SessionEnd): End {
  switch (end.kind) {
    case 'ended':
      return { kind: 'ended' }
    case 'paused':
    // Nobody asks for a run of a simulation.
    case 'yielded':
      return { kind: 'waiting', waits: waitsOf(world, session) }
    case 'broken': {
      if (!(end.error instanceof Crash)) throw end.error
      const { chronicle, agenda } = world
      chronicle.note({ nowMs: agenda.nowMs, kind: 'crashed', text: 'the process dies, and another one goes on' })
      return { kind: 'crashed' }
    }
    default:
      return unreachable(end)
  }
}

function waitsOf({ chronicle }: World, session: Session): readonly Wait[] {
  const steps = new Map(chronicle.steps.map(step => [step.step, step]))
  return session.waiting().flatMap((wait): readonly Wait[] => {
    if (wait.kind === 'timer') return []
    const since = steps.get(wait.step)
    return [{ ...wait, ...(since ? { sinceMs: since.startedAtMs } : {}) }]
  })
}

async function quiet({ agenda, options }: World): Promise<void> {
  try {
    await agenda.quiet(options.patienceMs)
  } catch (error) {
    if (!(error instanceof Hanging)) throw error
    hangs(options, error.works)
  }
}

function hangs({ patienceMs }: WorldOptions, works: readonly string[]): never {
  refuse(
    'SIMULATION_HANGS',
    `Nothing has moved for ${patienceMs / 1_000} s of real time; at work: ${works.join(', ')}`,
    {
      hint: 'Mock what waits for the world, or give it more patience.',
    },
  )
}

function endless({ chronicle }: World, what: string): never {
  const last = chronicle.moments.findLast(moment => moment.step !== undefined)
  refuse('SIMULATION_ENDLESS', `The simulation took ${what} without an end${last ? `; at last: ${last.text}` : ''}`, {
    hint: 'Look for a loop without an end, or raise maxTime or maxEvents.',
  })
}
