/** Steps with regions inside, as states: Choice, Parallel, Map, and what is written in line. */
import { handlerLabel, type Region } from '../../../core/graph/graph.ts'
import { usedParams } from '../../../core/graph/dependencies.ts'
import { newTarget, type Fields, type Target } from './draft.ts'
import { errorNames, retryOf, untilAll } from './policy.ts'
import { at, expression, NULL, type Term, templateOf, text, textOf, variable } from './term.ts'
import {
  assign,
  type At,
  checkPolicy,
  holding,
  onward,
  pathOf,
  type Spot,
  termAt,
  textAt,
  unsayableOf,
  type Writer,
} from './writer.ts'

/** One way of several: what it gives is assigned to the variable that all of them share. */
interface Way {
  readonly label: string
  readonly region: Region
  readonly params?: { readonly [param: string]: Term }
  readonly entry: Target
  /** Of an any, whose value is a record: its other fields. */
  readonly beside?: Fields
}

export function writeWhen(writer: Writer, here: At<'when'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node)
  const shared = sharedBy(writer, here)
  const condition = textAt(writer, node, node.condition, spot.view)
  const [then, otherwise] = [newTarget(), newTarget()]
  choose(writer, here, [[condition, then]], otherwise)
  writeWay(writer, here, { label: 'then', region: node.then, entry: then }, shared)
  writeWay(writer, here, { label: 'otherwise', region: node.otherwise, entry: otherwise }, shared)
  return shared ? variable(shared) : NULL
}

export function writeMatch(writer: Writer, here: At<'match'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node)
  const shared = sharedBy(writer, here)
  const value = termAt(writer, node, node.value, spot.view)
  const label = textOf(node.by === undefined ? value : at(value, [node.by])) ?? 'null'
  const params = { value }
  const ways = Object.entries(node.arms).map(([name, region]) => ({ label: name, region, params, entry: newTarget() }))
  const standard = newTarget()
  choose(
    writer,
    here,
    ways.map(way => [`$string(${label}) = ${JSON.stringify(way.label)}`, way.entry] as const),
    standard,
  )
  for (const way of ways) writeWay(writer, here, way, shared)
  if (node.otherwise)
    writeWay(writer, here, { label: 'otherwise', region: node.otherwise, params, entry: standard }, shared)
  else
    fail(writer, here, standard, { label: 'no branch', error: 'NO_BRANCH', cause: `${node.name} has no arm for this` })
  return shared ? variable(shared) : NULL
}

/** Without a variable where nobody reads what the ways give. */
const sharedBy = (writer: Writer, { node, isUsed }: At<'when' | 'match' | 'any'>): string | undefined =>
  isUsed ? writer.names.variable(node.name) : undefined

function writeWay(
  writer: Writer,
  { node, spot }: At<'when' | 'match' | 'any'>,
  way: Way,
  shared: string | undefined,
): void {
  const end = newTarget()
  const inside: Spot = { ...spot, entry: way.entry, next: end, path: pathOf(spot, `${node.name}.${way.label}`) }
  const result = templateOf(writer.region(way.region, way.params ?? {}, inside))
  if (shared === undefined) end.place = spot.next
  else
    assign(writer, { ...inside, entry: end, next: spot.next }, 'result', {
      [shared]: way.beside ? { ...way.beside, [way.label]: result } : result,
    })
}

function choose(
  writer: Writer,
  { node, spot }: At<'when' | 'match' | 'any' | 'loop'>,
  ways: readonly (readonly [condition: string, to: Target])[],
  standard: Target,
): void {
  const state = writer.names.state(pathOf(spot, node.name))
  spot.entry.place = state
  spot.draft.add(state, () => ({
    Type: 'Choice',
    Choices: ways.map(([condition, to]) => ({ Condition: expression(condition), ...onward(to) })),
    Default: onward(standard)['Next'] ?? null,
  }))
}

function fail(
  writer: Writer,
  { node, spot }: At<'match' | 'loop'>,
  entry: Target,
  { label, error, cause }: { readonly label: string; readonly error: string; readonly cause: string },
): void {
  const state = writer.names.state(pathOf(spot, `${node.name}.${label}`))
  entry.place = state
  spot.draft.add(state, () => ({ Type: 'Fail', Error: error, Cause: cause }))
}

/** Each arm is a branch that asks its own condition; `otherwise` is asked for before. */
export function writeAny(writer: Writer, here: At<'any'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node)
  const shared = sharedBy(writer, here)
  const arms = Object.entries(node.arms).map(([label, { condition, body }]) => ({
    label,
    body,
    condition: textAt(writer, node, condition, spot.view),
  }))
  const { otherwise } = node
  const [parallel, none] = [otherwise ? newTarget() : spot.entry, newTarget()]
  if (otherwise)
    choose(
      writer,
      here,
      arms.map(({ condition }) => [condition, parallel] as const),
      none,
    )
  const branches = arms.map(arm => armBranch(writer, here, arm))
  const given = otherwise ? `$merge([$merge($states.result), {"otherwise": null}])` : '$merge($states.result)'
  addParallel(writer, here, parallel, branches, shared === undefined ? {} : { Assign: { [shared]: expression(given) } })
  const beside = Object.fromEntries(arms.map(({ label }) => [label, null]))
  if (otherwise) writeWay(writer, here, { label: 'otherwise', region: otherwise, entry: none, beside }, shared)
  return shared ? variable(shared) : NULL
}

function armBranch(
  writer: Writer,
  { node, spot }: At<'any'>,
  arm: { readonly label: string; readonly body: Region; readonly condition: string },
): Fields {
  const path = pathOf(spot, `${node.name}.${arm.label}`)
  const taken = writer.machine(arm.body, { params: {}, view: spot.view, path })
  const state = writer.names.state(path)
  const skipped = writer.names.state(`${path}.not taken`)
  const states = taken['States'] as Fields
  return {
    StartAt: state,
    States: {
      [state]: {
        Type: 'Choice',
        Choices: [{ Condition: expression(arm.condition), Next: taken['StartAt'] ?? null }],
        Default: skipped,
      },
      ...labelled(states, arm.label),
      [skipped]: { Type: 'Succeed', Output: { [arm.label]: null } },
    },
  }
}

/** What the states that end the machine give, under the arm's label. */
const labelled = (states: Fields, label: string): Fields =>
  Object.fromEntries(
    Object.entries(states).map(([name, state]) => {
      const fields = state as Fields
      return [name, fields['Type'] === 'Succeed' ? { ...fields, Output: { [label]: fields['Output'] ?? null } } : state]
    }),
  )

function addParallel(
  writer: Writer,
  { node, spot }: At<'any' | 'attempt'>,
  entry: Target,
  branches: readonly Fields[],
  rest: Fields | (() => Fields),
): void {
  const state = writer.names.state(pathOf(spot, node.name))
  entry.place = state
  spot.draft.add(state, () => ({
    Type: 'Parallel',
    Branches: branches,
    ...(typeof rest === 'function' ? rest() : rest),
    ...onward(spot.next),
  }))
}

/** Item and index are variables of each iteration: its steps, however deep, read them as they read all others. */
export function writeEach(writer: Writer, here: At<'each'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node)
  const unsayable = unsayableOf(writer, node)
  if (node.tolerate)
    unsayable('tolerate of an each whose items see what is around them', 'Catch each failure with attempt().')
  if (node.until) unsayable('until of an each, since a Map waits for all of its items')
  if (node.more) unsayable('items that a signal adds')
  const items = termAt(writer, node, node.items, spot.view)
  const used = usedParams(node.body)
  const names = { item: writer.names.variable('item'), index: writer.names.variable('index') }
  const params = { item: variable(names.item), index: variable(names.index) }
  const path = pathOf(spot, node.name)
  const state = writer.names.state(path)
  const processor = writer.machine(node.body, {
    params,
    view: spot.view,
    path,
    assign: {
      ...(used.has('item') ? { [names.item]: expression('$states.context.Map.Item.Value') } : {}),
      ...(used.has('index') ? { [names.index]: expression('$states.context.Map.Item.Index') } : {}),
    },
  })
  const { term, fields } = holding(writer, here, '$states.result')
  spot.entry.place = state
  spot.draft.add(state, () => ({
    Type: 'Map',
    Items:
      node.batch === undefined ? templateOf(items) : expression(`$partition(${textOf(items) ?? '[]'}, ${node.batch})`),
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...processor },
    ...(node.concurrency === undefined ? {} : { MaxConcurrency: node.concurrency }),
    ...fields,
    ...onward(spot.next),
  }))
  return term
}

export function writeCall(writer: Writer, { node, spot }: At<'call'>): Term {
  checkPolicy(writer, node)
  if (node.recurs !== undefined) unsayableOf(writer, node)('a workflow that calls itself', 'Use loop().')
  const params = Object.fromEntries(
    Object.entries(node.args).map(([param, arg]) => [param, termAt(writer, node, arg, spot.view)]),
  )
  return writer.region(node.body, params, { ...spot, path: pathOf(spot, node.name) })
}

export function writeScope(writer: Writer, { node, spot }: At<'scope'>): Term {
  checkPolicy(writer, node)
  const unsayable = unsayableOf(writer, node)
  if (node.join === 'detached') unsayable('a scope that nobody waits for')
  if (node.until !== undefined) unsayable('a milestone')
  return writer.region(node.body, {}, { ...spot, path: pathOf(spot, node.name) })
}

/** State and turn are variables; each turn ends by assigning both. */
export function writeLoop(writer: Writer, here: At<'loop'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node)
  const state = writer.names.variable(node.name)
  const turn = writer.names.variable(`${node.name}_turn`)
  const params = { state: variable(state), turn: variable(turn) }
  const path = pathOf(spot, node.name)
  const [asked, body, end] = [newTarget(), newTarget(), newTarget()]
  assign(writer, { ...spot, next: node.test === 'while' ? asked : body, path }, 'begin', {
    [state]: templateOf(termAt(writer, node, node.init, spot.view)),
    [turn]: 0,
  })
  const condition = textAt(writer, node, node.condition, { steps: new Map(), params, outer: spot.view })
  const isDone = node.test === 'while' ? `$not(${condition})` : condition
  choose(
    writer,
    { ...here, spot: { ...spot, entry: asked } },
    [[isDone, spot.next], ...limitOf(writer, here, turn)],
    body,
  )
  const inside: Spot = { ...spot, entry: body, next: end, path }
  const result = writer.region(node.body, params, inside)
  assign(writer, { ...inside, entry: end, next: asked }, 'turn', {
    [state]: templateOf(result),
    [turn]: expression(`$${turn} + 1`),
  })
  return variable(state)
}

function limitOf(writer: Writer, here: At<'loop'>, turn: string): readonly (readonly [string, Target])[] {
  const { name, limit } = here.node
  if (limit === undefined || limit === 0) return []
  const entry = newTarget()
  const cause = `${name} has made ${limit} turns, which is its limit`
  fail(writer, here, entry, { label: 'limit', error: 'LOOP_LIMIT', cause })
  return [[`$${turn} >= ${limit}`, entry]]
}

/** A Parallel of one branch: what fails as a whole, is tried again as a whole, and is caught. */
export function writeAttempt(writer: Writer, here: At<'attempt'>): Term {
  const { node, spot } = here
  checkPolicy(writer, node, ['retry'])
  if (node.finalizer) unsayableOf(writer, node)('finally', 'Call it after the attempt and in its catch.')
  const shared = here.isUsed ? writer.names.variable(node.name) : undefined
  const path = pathOf(spot, node.name)
  const body = writer.machine(node.body, { params: {}, view: spot.view, path })
  const handlers = untilAll(node.handlers, ({ errors }) => errors).map((handler, index) => ({
    ...handler,
    label: handlerLabel(index),
    error: writer.names.variable('error'),
    entry: newTarget(),
  }))
  addParallel(writer, here, spot.entry, [body], () => ({
    ...retryOf(node.policy),
    ...(handlers.length === 0
      ? {}
      : {
          Catch: handlers.map(({ errors, error, entry }) => ({
            ErrorEquals: errorNames(errors),
            Assign: { [error]: expression('$states.errorOutput') },
            ...onward(entry),
          })),
        }),
    ...(shared === undefined ? {} : { Assign: { [shared]: expression('$states.result[0]') } }),
  }))
  for (const handler of handlers) {
    const end = newTarget()
    const inside: Spot = { ...spot, entry: handler.entry, next: end, path: `${path}.${handler.label}` }
    const result = writer.region(handler.body, { error: caught(handler.error) }, inside)
    if (shared === undefined) end.place = spot.next
    else assign(writer, { ...inside, entry: end, next: spot.next }, 'result', { [shared]: templateOf(result) })
  }
  return shared ? variable(shared) : NULL
}

/** What a handler knows of an error: a state machine tells its name and its cause. */
const caught = (name: string): Term => ({
  kind: 'record',
  fields: {
    code: text(`$${name}.Error`),
    message: text(`$${name}.Cause`),
    step: NULL,
    types: { kind: 'list', items: [text(`$${name}.Error`)] },
    causes: { kind: 'list', items: [] },
    error: text(`$${name}.Cause`),
  },
})
