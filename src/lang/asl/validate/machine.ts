/** A machine: its own fields, its states, and whether each of them can be come to and left. */
import { checkFields, either, type FieldTable, fieldTable, require } from './fields.ts'
import { processorConfig } from './map.ts'
import { didYouMean, into, type MachineKind, nearestOf, type Place, pathOf, refuse, refuseAs, report } from './place.ts'
import { checkState, isStateType } from './state.ts'
import { type Fields, fieldOf, has, integer, isObject, oneOf, text } from './values.ts'

const NAME_MAX = 80

const INNER = { Comment: either(text), StartAt: either(text), States: either(() => {}) }

const TABLES: { readonly [Kind in MachineKind]: FieldTable } = {
  whole: fieldTable(INNER, {
    Version: either(oneOf('1.0')),
    TimeoutSeconds: either(integer({ least: 0, most: 99_999_999 })),
    QueryLanguage: either(oneOf('JSONPath', 'JSONata')),
  }),
  branch: fieldTable(INNER),
  processor: fieldTable(INNER, { ProcessorConfig: either(processorConfig) }),
}

export function checkMachine(value: unknown, kind: MachineKind, place: Place): void {
  if (!isObject(value)) return refuse(place, 'Expected value of type [OBJECT]')
  if (kind === 'whole' && isTemplate(value)) return refuse(place, REQUIRED, TEMPLATE_HINT)
  checkFields(value, TABLES[kind], place)
  require(value, ['StartAt', 'States'], place)
  const states = fieldOf(value, 'States')
  if (states === undefined) return
  const here = into(place, 'States')
  if (!isObject(states)) return refuse(here, 'Expected value of type [OBJECT]')
  if (Object.keys(states).length === 0) refuse(here, 'Value cannot be empty')
  checkStates(states, { ...here, type: typeWithin(value, place) })
  checkWays(value, states, kind, place)
}

const REQUIRED = 'These fields are required: [StartAt, States]'
const TEMPLATE_HINT = 'This is a template of CloudFormation: give the definition of one state machine alone.'

const isTemplate = (value: Fields): boolean => !has(value, 'States') && isObject(fieldOf(value, 'Resources'))

/** Of the executions that the states are in. */
function typeWithin(machine: Fields, place: Place): Place['type'] {
  const config = fieldOf(machine, 'ProcessorConfig')
  if (!isObject(config) || fieldOf(config, 'Mode') !== 'DISTRIBUTED') return place.type
  return fieldOf(config, 'ExecutionType') === 'EXPRESS' ? 'EXPRESS' : 'STANDARD'
}

function checkStates(states: Fields, place: Place): void {
  for (const [name, state] of Object.entries(states)) {
    const here = into(place, name)
    checkName(name, here)
    checkState(state, here)
  }
}

function checkName(name: string, place: Place): void {
  if ([...name].length > NAME_MAX) {
    refuseAs(
      place,
      'INVALID_STATE_NAME',
      `State name '${name}' exceeds the ${NAME_MAX}-character limit allowed by the service`,
    )
  }
  if (place.whole.names.has(name))
    refuseAs(
      place,
      'DUPLICATE_STATE_NAME',
      `Duplicate State name: ${name}`,
      'Names are unique in the whole definition, also between branches.',
    )
  place.whole.names.add(name)
}

/** What leads from one state to another, and where in the state it stands. */
interface Way {
  readonly to: string
  readonly at: readonly (string | number)[]
}

function checkWays(machine: Fields, states: Fields, kind: MachineKind, place: Place): void {
  const start = fieldOf(machine, 'StartAt')
  const targets: Targets = { states, names: Object.keys(states) }
  const first = typeof start === 'string' ? checkTargets([{ to: start, at: ['StartAt'] }], targets, place) : undefined
  const inner = into(place, 'States')
  const onward = new Map<string, Onward>()
  for (const [name, state] of Object.entries(states)) {
    if (isObject(state)) onward.set(name, checkTargets(waysOf(state), targets, into(inner, name)))
  }
  if (kind === 'whole' && !Object.values(states).some(isEnd)) return refuseEndless(place)
  if (first) checkReached(first, onward, place)
}

/** Where a state leads to, and where it would if each name that is not there were the one that it is nearest to. */
interface Onward {
  readonly led: readonly string[]
  readonly meant: readonly string[]
}

function waysOf(state: Fields): readonly Way[] {
  const found: Way[] = []
  for (const field of ['Next', 'Default']) {
    const to = fieldOf(state, field)
    if (typeof to === 'string') found.push({ to, at: [field] })
  }
  for (const field of ['Choices', 'Catch']) {
    const list = fieldOf(state, field)
    if (!Array.isArray(list)) continue
    for (const [index, each] of list.entries()) {
      const to: unknown = isObject(each) ? fieldOf(each, 'Next') : undefined
      if (typeof to === 'string') found.push({ to, at: [field, index, 'Next'] })
    }
  }
  return found
}

interface Targets {
  readonly states: Fields
  readonly names: readonly string[]
}

function checkTargets(ways: readonly Way[], { states, names }: Targets, place: Place): Onward {
  const led: string[] = []
  const meant: string[] = []
  for (const { to, at } of ways) {
    if (Object.hasOwn(states, to)) {
      led.push(to)
      continue
    }
    const nearest = nearestOf(to, names, place)
    if (nearest !== undefined) meant.push(nearest)
    const hint = didYouMean(nearest) ?? (place.whole.names.has(to) ? FOREIGN_HINT : undefined)
    refuseAs(at.reduce(into, place), 'MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${to}`, hint)
  }
  return { led, meant }
}

const FOREIGN_HINT = 'A state of another branch cannot be gone to.'

function isEnd(state: unknown): boolean {
  const type = isObject(state) ? fieldOf(state, 'Type') : undefined
  if (!isObject(state) || !isStateType(type)) return false
  return type === 'Succeed' || type === 'Fail' || fieldOf(state, 'End') === true
}

function refuseEndless(place: Place): void {
  report(place, {
    code: 'MISSING_END_STATE',
    severity: 'error',
    message: 'Workflow has no terminal state',
    points: { path: [...pathOf(place), 'States'], to: 'name' },
    hint: 'Write `"End": true` into the last state.',
  })
}

function checkReached(first: Onward, onward: ReadonlyMap<string, Onward>, place: Place): void {
  const reached = reachedFrom(first, onward, ({ led }) => led)
  const meant = reachedFrom(first, onward, each => [...each.led, ...each.meant])
  for (const name of onward.keys()) {
    if (reached.has(name)) continue
    const path = [...pathOf(place), 'States', name]
    report(place, {
      code: 'MISSING_TRANSITION_TARGET',
      severity: 'error',
      message: `State "${name}" is not reachable.`,
      location: path,
      points: { path, to: 'name' },
      hint: 'Let another state lead to it, or remove it.',
      ...(meant.has(name) ? { follows: true } : {}),
    })
  }
}

function reachedFrom(
  first: Onward,
  onward: ReadonlyMap<string, Onward>,
  next: (from: Onward) => readonly string[],
): ReadonlySet<string> {
  const reached = new Set(next(first))
  for (const name of reached) {
    const from = onward.get(name)
    if (from) for (const to of next(from)) reached.add(to)
  }
  return reached
}
