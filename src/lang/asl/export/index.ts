/**
 * A graph as a state machine, where the Amazon States Language can say it.
 *
 * The machine is written in JSONata with variables: what a step gives is a variable of the machine, and expressions read it
 * there, whatever stands between. Regions are written in line; what may run side by side is a Parallel. Whatever cannot be
 * said is named, all of it, and then there is no machine: one that does something else would be worse than none.
 *
 *   AE1. An exported machine is accepted by our own validator, and gives what the graph gives.
 *   AE2. Equal graphs give equal bytes.
 *   AE3. What was a state machine is exported as itself.
 */
import { dependenciesOf, resultDependencies } from '../../../core/graph/dependencies.ts'
import type { Graph, Param, Region } from '../../../core/graph/graph.ts'
import type { Diagnostic } from '../../../util/diagnostic.ts'
import type { Json } from '../../../util/json.ts'
import { unreachable } from '../../../util/unreachable.ts'
import { newDraft, newTarget, type Fields } from './draft.ts'
import { machineItself } from './itself.ts'
import type { View } from './lookup.ts'
import { termOf } from './lookup.ts'
import { newNames, type Resource } from './names.ts'
import { nodesOf, planOf, type Plan, type Sequence } from './plan.ts'
import { secondsOf } from './policy.ts'
import { refuseStep, writeTask, writeWait } from './steps.ts'
import {
  writeAny,
  writeAttempt,
  writeCall,
  writeEach,
  writeLoop,
  writeMatch,
  writeScope,
  writeWhen,
} from './structures.ts'
import { expression, type Term, templateOf, text, variable } from './term.ts'
import { assign, type Here, type MachineInside, onward, pathOf, type Spot, unsayableOf, type Writer } from './writer.ts'

export interface Exported {
  /** The definition; absent when something could not be said. */
  readonly machine?: Json
  /** What cannot be said (errors) and what is lost (warnings), in the order of the graph. */
  readonly problems: readonly Diagnostic[]
  /** What the machine's resources stand for. */
  readonly resources: readonly Resource[]
}

export function exportAsl(graph: Graph): Exported {
  const itself = machineItself(graph)
  if (itself !== undefined) return { machine: itself, problems: [], resources: [] }
  const names = newNames()
  const problems: Diagnostic[] = []
  const writer: Writer = {
    names,
    problems,
    region: (region, params, spot) => writeRegion(writer, region, params, spot),
    machine: (region, inside) => writeMachine(writer, region, inside),
  }
  const root = writeRoot(writer, graph)
  const machine = {
    Comment: `${graph.name}, exported from Tutti`,
    QueryLanguage: 'JSONata',
    ...(graph.deadlineMs === undefined ? {} : { TimeoutSeconds: secondsOf(graph.deadlineMs) }),
    ...root,
  }
  const isSaid = !problems.some(({ severity }) => severity === 'error')
  return { ...(isSaid ? { machine } : {}), problems, resources: names.resources() }
}

function writeRoot(writer: Writer, { params, root, name }: Graph): Fields {
  const unsayable = unsayableOf(writer, { name })
  if (root.onFailure === 'finish')
    unsayable("onFailure: 'finish', since a machine stops its other branches when one fails")
  return writeMachine(writer, root, { params: Object.fromEntries(params.map(input)), view: NOWHERE, path: '' })
}

const NOWHERE: View = { steps: new Map(), params: {} }

/** An argument of the run: it stays readable from anywhere in the machine. */
function input({ name, required, default: standard }: Param): readonly [string, Term] {
  const place = `$states.context.Execution.Input.${/^[A-Za-z]\w*$/.test(name) ? name : `\`${name}\``}`
  return [name, text(required ? place : `($exists(${place}) ? ${place} : ${JSON.stringify(standard ?? null)})`)]
}

function writeMachine(writer: Writer, region: Region, { params, view, path, assign: first }: MachineInside): Fields {
  const draft = newDraft()
  const [start, entry, end] = [newTarget(), newTarget(), newTarget()]
  const spot: Spot = { draft, view, entry, next: end, path }
  if (first && Object.keys(first).length > 0) assign(writer, { ...spot, entry: start, next: entry }, 'begin', first)
  else start.place = entry
  const result = writeRegion(writer, region, params, spot)
  const state = writer.names.state(pathOf(spot, 'end'))
  end.place = state
  draft.add(state, () => ({ Type: 'Succeed', Output: templateOf(result) }))
  return draft.finish(start)
}

function writeRegion(writer: Writer, region: Region, params: View['params'], spot: Spot): Term {
  const view: View = { steps: new Map(), params, outer: spot.view }
  writeSequence(writer, planOf(region), { ...spot, view }, readIn(region))
  return termOf(region.result, view, unsayableOf(writer, { name: spot.path === '' ? 'the result' : spot.path }))
}

/** The steps of a region whose values anything in it reads, and which steps read them. */
type Readers = ReadonlyMap<string, ReadonlySet<string>>

/** A region's result reads, too. */
const RESULT = ''

function readIn(region: Region): Readers {
  const readers = new Map<string, Set<string>>()
  const add = (id: string, reader: string): void => {
    const known = readers.get(id)
    if (known) known.add(reader)
    else readers.set(id, new Set([reader]))
  }
  for (const node of region.nodes) for (const id of dependenciesOf({ ...node, after: [] })) add(id, node.id)
  for (const id of resultDependencies(region)) add(id, RESULT)
  return readers
}

function writeSequence(writer: Writer, plans: Sequence, spot: Spot, readers: Readers): void {
  let entry = spot.entry
  for (const plan of plans) {
    const next = newTarget()
    writePlan(writer, plan, { ...spot, entry, next }, readers)
    entry = next
  }
  entry.place = spot.next
}

function writePlan(writer: Writer, plan: Plan, spot: Spot, readers: Readers): void {
  if (plan.kind === 'parallel') return writeParallel(writer, plan.parts, spot, readers)
  const { node } = plan
  spot.view.steps.set(node.id, writeStep(writer, { node, spot, isUsed: readers.has(node.id) }))
}

/** Each branch gives a record of what is read outside of it; the machine around makes variables of its own of them. */
function writeParallel(writer: Writer, parts: readonly Sequence[], spot: Spot, readers: Readers): void {
  const outer: [name: string, source: string][] = []
  const terms: [id: string, term: Term][] = []
  const branches = parts.map((part, index) => {
    const draft = newDraft()
    const [entry, end] = [newTarget(), newTarget()]
    const view: View = { ...spot.view, steps: new Map(spot.view.steps) }
    writeSequence(writer, part, { ...spot, draft, view, entry, next: end }, readers)
    const nodes = nodesOf(part)
    const inside = new Set(nodes.map(({ id }) => id))
    const wanted = nodes.filter(({ id }) => [...(readers.get(id) ?? [])].some(reader => !inside.has(reader)))
    const given = wanted.map((node, at) => {
      const name = writer.names.variable(node.name)
      outer.push([name, `$states.result[${index}].r${at}`])
      terms.push([node.id, variable(name)])
      return [`r${at}`, templateOf(view.steps.get(node.id) ?? { kind: 'literal', value: null })] as const
    })
    const state = writer.names.state(pathOf(spot, `${nodes.at(-1)?.name ?? 'branch'} end`))
    end.place = state
    draft.add(state, () => ({ Type: 'Succeed', Output: Object.fromEntries(given) }))
    return draft.finish(entry)
  })
  const state = writer.names.state(pathOf(spot, parts.map(part => nodesOf(part)[0]?.name ?? '').join(', ')))
  spot.entry.place = state
  for (const [id, term] of terms) spot.view.steps.set(id, term)
  spot.draft.add(state, () => ({
    Type: 'Parallel',
    Branches: branches,
    ...(outer.length === 0
      ? {}
      : { Assign: Object.fromEntries(outer.map(([name, source]) => [name, expression(source)])) }),
    ...onward(spot.next),
  }))
}

function writeStep(writer: Writer, here: Here): Term {
  const { node } = here
  switch (node.kind) {
    case 'task':
    case 'effect':
      return writeTask(writer, { ...here, node })
    case 'wait':
      return writeWait(writer, { ...here, node })
    case 'when':
      return writeWhen(writer, { ...here, node })
    case 'match':
      return writeMatch(writer, { ...here, node })
    case 'any':
      return writeAny(writer, { ...here, node })
    case 'each':
      return writeEach(writer, { ...here, node })
    case 'call':
      return writeCall(writer, { ...here, node })
    case 'scope':
      return writeScope(writer, { ...here, node })
    case 'loop':
      return writeLoop(writer, { ...here, node })
    case 'attempt':
      return writeAttempt(writer, { ...here, node })
    case 'flow':
    case 'source':
    case 'service':
    case 'race':
    case 'some':
    case 'cancel':
    case 'net':
      return refuseStep(writer, { ...here, node })
    default:
      return unreachable(node)
  }
}
