/** The machines of a stored run: from its graph and its log, whatever has become of its file. */
import type { Event, StepId } from '../../../core/engine/protocol.ts'
import { splitStepId } from '../../../core/engine/step-id.ts'
import type { Graph, Node, Region } from '../../../core/graph/graph.ts'
import { nodeIn, readSegment } from '../../../observe/scope-path.ts'
import { machineIn } from '../compile/read-back.ts'
import type { Machine } from '../machine.ts'

export interface MachineOfRun {
  readonly step: StepId
  readonly name: string
  readonly machine: Machine
}

/** In the order in which they began; not those that a machine starts, or that are parts of one. */
export function machinesOf(graph: Graph, events: readonly Event[]): readonly MachineOfRun[] {
  const machines: MachineOfRun[] = []
  const seen = new Set<StepId>()
  for (const event of events) {
    if (event.kind !== 'chosen' || seen.has(event.step)) continue
    if (machines.some(({ step }) => event.step.startsWith(`${step}.`))) continue
    seen.add(event.step)
    const found = machineAt(graph, event.step)
    if (found) machines.push(found)
  }
  return machines
}

/** Also one that a machine has started, or an iteration of a distributed map. */
export function machineAt(graph: Graph, step: StepId): MachineOfRun | undefined {
  const node = nodeAt(graph, step)
  const machine = node && machineIn(node)
  return node && machine ? { step, name: node.name, machine } : undefined
}

function nodeAt(graph: Graph, step: StepId): Node | undefined {
  const [scope, id] = splitStepId(step)
  let region: Region | undefined = graph.root
  for (const segment of scope.split('/').slice(0, -1)) {
    const read = readSegment(segment, region)
    region = read.kind === 'unknown' ? undefined : read.region
  }
  return nodeIn(region, id)
}
