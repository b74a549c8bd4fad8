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
    const node = nodeAt(graph, event.step)
    const machine = node && machineIn(node)
    if (node && machine) machines.push({ step: event.step, name: node.name, machine })
  }
  return machines
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
