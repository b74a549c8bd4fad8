/** What is known while a log is read, and where its steps belong. */
import type { Event, Fault, StepId } from '../../../core/engine/protocol.ts'
import { splitStepId } from '../../../core/engine/step-id.ts'
import { hashText } from '../../../util/hash.ts'
import type { Json } from '../../../util/json.ts'
import { languageOf, type Machine } from '../machine.ts'
import type { Scope, World } from '../scope.ts'
import { contextOf, type Execution, type GivenContext, type Trying } from '../work/context.ts'
import { boundValue, type Load } from './data.ts'
import type { Story } from './story.ts'
import { type Current, newChain, type Thread } from './thread.ts'

export interface Told {
  readonly definition: Machine
  /** All of the run, in their order. */
  readonly events: readonly Event[]
  /** Reads a value that is not in its event. */
  readonly load: Load
  /** The step that is the machine, where the run has others. Absent: the first. */
  readonly step?: StepId
  /** ARN of a map run, by its label. */
  readonly mapRunArn?: (label: string) => string
}

export interface Reader extends Told {
  readonly story: Story
  /** For what is computed again: the same each time. */
  readonly world: World
  /** The thread around a scope. */
  readonly scopes: Map<string, Thread>
  /** By step and number of the attempt. */
  readonly failures: ReadonlyMap<string, Fault>
  /** Steps by which Tasks ask. */
  readonly calls: Map<StepId, Thread>
  /** Of steps that were tried again, how often they had failed. */
  readonly retried: Map<StepId, number>
  /** The run is the execution, rather than one of its steps. */
  readonly isWhole: boolean
  run: string
  input: Json
  /** What the start has given, where anything asks for it. */
  execution: Execution | undefined
  redrives: number
}

export type Of<K extends Event['kind']> = Extract<Event, { kind: K }>

export function newReader(told: Told): Reader {
  const story: Story = {
    chain: newChain(),
    threads: new Map(),
    root: undefined,
    before: new Map(),
    visits: new Map(),
    ended: new Set(),
    mapRunArn: told.mapRunArn ?? (label => `arn:aws:states:us-east-1:000000000000:mapRun:machine/${label}`),
  }
  return {
    ...told,
    story,
    world: steadyWorld(),
    scopes: new Map(),
    failures: failuresOf(told.events),
    calls: new Map(),
    retried: new Map(),
    isWhole: told.step === undefined || splitStepId(told.step)[0] === '',
    run: '',
    input: {},
    execution: undefined,
    redrives: 0,
  }
}

/** AH1: what was random in the run comes out otherwise here, but always the same. */
function steadyWorld(): World {
  let count = 0
  const next = (): string => hashText(`history ${(count += 1)}`)
  return {
    now: () => 0,
    random: () => Number.parseInt(next().slice(0, 8), 16) / 2 ** 32,
    uuid: () => next().replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
  }
}

export const attemptKey = (step: StepId, attempt: number): string => `${step} ${attempt}`

function failuresOf(events: readonly Event[]): ReadonlyMap<string, Fault> {
  const failures = new Map<string, Fault>()
  for (const event of events) {
    if (event.kind === 'attempt.failed') failures.set(attemptKey(event.step, event.attempt), event.fault)
    if (event.kind === 'step.settled' && event.outcome.kind === 'failed')
      failures.set(attemptKey(event.step, event.attempt), event.outcome.fault)
  }
  return failures
}

/** The innermost thread whose firings the step is in; none where it is an execution's that has a history of its own. */
export function threadAround(reader: Reader, step: StepId): Thread | undefined {
  const thread = anyAround(reader, step)
  const isApart = thread && hasOwnHistory(thread, step.slice(thread.path.length))
  return isApart ? undefined : thread
}

/** Machines that a Task starts, and the iterations of a distributed map. */
const hasOwnHistory = ({ current }: Thread, rest: string): boolean =>
  rest.includes('#run/') || (current?.work?.isDistributed === true && rest.includes('#each['))

export function anyAround(reader: Reader, step: StepId): Thread | undefined {
  const [scope] = splitStepId(step)
  const known = reader.scopes.get(scope)
  if (known) return known
  const found = findAround(reader.story, scope)
  if (found) reader.scopes.set(scope, found)
  return found
}

/** A firing's scope is named `step.transition`, and either may hold dots. */
function findAround({ threads }: Story, scope: string): Thread | undefined {
  for (let end = scope.length - 1; end > 0; end = scope.lastIndexOf('/', end - 1)) {
    const from = scope.lastIndexOf('/', end - 1) + 1
    for (let dot = scope.indexOf('.', from); dot !== -1 && dot < end; dot = scope.indexOf('.', dot + 1)) {
      const thread = threads.get(scope.slice(0, dot))
      if (thread) return thread
    }
  }
  return undefined
}

/** As ../work/pure.ts makes them. */
interface Item {
  readonly value?: Json
}

/** What the state sees, as it saw it then. */
export async function scopeOf(
  reader: Reader,
  thread: Thread,
  { name, state, frame, enteredId }: Current,
  { atMs, ...trying }: Partial<Trying> & { readonly atMs: number },
): Promise<Scope> {
  const { input, vars } = frame
  const language = languageOf(state, thread.language)
  const world: World = { ...reader.world, now: () => atMs }
  const tried = trying.retryCount === undefined ? undefined : { ...trying, retryCount: trying.retryCount }
  const context = contextOf(name, await givenContext(reader, thread), world, tried)
  return { name, language, input, vars, context, enteredId, world }
}

async function givenContext({ execution, input, load }: Reader, thread: Thread): Promise<GivenContext | null> {
  if (!execution) return null
  for (let at: Thread | undefined = thread; at; at = at.owner?.thread) {
    const { owner } = at
    if (owner?.thread.current?.state.Type !== 'Map') continue
    const items = owner.items === undefined ? [] : ((await boundValue(owner.items, load)) as readonly Item[])
    return { execution, input, index: at.index, item: items[at.index]?.value ?? null }
  }
  return { execution, input }
}
