/** A definition and what its resources are bound to, as a workflow. */
import type { Node } from '../../core/graph/graph.ts'
import type { Diagnostic, Position } from '../../util/diagnostic.ts'
import type { BoundWorkflow } from '../language.ts'
import type { Around, ChildRegion } from './compile/around.ts'
import { apply, type Look, own, literal, node, nodeAt, paramAt, region } from './compile/build.ts'
import { machineNode } from './compile/machine.ts'
import { PURE, WORK } from './compile/words.ts'
import type { Machine } from './machine.ts'
import type { World } from './scope.ts'
import type { Path } from './source.ts'
import { type Bindings, newPerformer, type PerformerOptions, unbound } from './task/index.ts'
import { effects } from './work/effects.ts'
import { type Account, executionOf, type Host, NOWHERE, REAL } from './work/host.ts'
import { pureFunctions } from './work/pure.ts'

export interface MachineSource {
  readonly machine: Machine
  readonly at?: (path: Path) => Position | undefined
  readonly warnings?: readonly Diagnostic[]
}

export interface BindOptions {
  /** The workflow's, and the machine's in ARNs. */
  readonly name: string
  readonly bindings?: Bindings
  /** Where the paths of bindings start; the current folder when absent. */
  readonly folder?: string
  readonly mocks?: NonNullable<PerformerOptions['mocks']>
  readonly limits?: 'none' | 'aws'
  readonly account?: Account
  /** As AWS names executions. `STANDARD` when absent. */
  readonly type?: 'STANDARD' | 'EXPRESS'
  readonly world?: World
  /** Machines that tasks may start, by the keys of their bindings. */
  readonly machines?: { readonly [key: string]: MachineSource }
}

export function bindMachine(source: MachineSource, options: BindOptions): BoundWorkflow {
  const {
    name,
    bindings = {},
    folder = '.',
    mocks = {},
    limits = 'none',
    world = REAL,
    account = NOWHERE,
    type = 'STANDARD',
  } = options
  const host: Host = {
    world,
    bindings,
    folder,
    limits,
    performer: newPerformer({ bindings, folder, mocks, limits }),
    execution: run => executionOf(run, { name, type }, account, world),
  }
  const all = [source, ...Object.values(options.machines ?? {})]
  const missing: readonly Diagnostic[] = unbound(all, bindings, new Set(Object.keys(mocks)))
  return {
    graph: graphOf(source, options),
    tasks: effects(host),
    pure: pureFunctions(world, limits),
    missing,
    warnings: source.warnings ?? [],
    whole: 'input',
  }
}

const START = 'start'
const MACHINE = 'machine'

function graphOf(source: MachineSource, { name, machines = {} }: BindOptions): BoundWorkflow['graph'] {
  const { machine } = source
  let asked = false
  const execution: Look = depth => {
    asked = true
    return nodeAt(0, START)(depth)
  }
  const children = childrenOf(machines, [])
  const net = outermost(source, { name, depth: 0, execution, children, within: [] })
  const start: readonly Node[] = asked ? [own({ id: START, name: START }, WORK.start, [])] : []
  return {
    version: 1,
    name,
    params: [{ name: 'input', type: {}, required: true }],
    root: region([...start, net], node(MACHINE, ['input']), ['input']),
    ...(machine.TimeoutSeconds === undefined ? {} : { deadlineMs: machine.TimeoutSeconds * 1000 }),
    reads: [],
  }
}

interface Outermost extends Pick<Around, 'execution' | 'children' | 'within'> {
  readonly name: string
  /** Of the region that it is a node of, whose parameter `input` is its input. */
  readonly depth: number
}

/** A machine that is an execution of its own. */
function outermost({ machine, at = () => undefined }: MachineSource, { name, depth, ...given }: Outermost): Node {
  const input = paramAt(depth, 'input')
  const language = machine.QueryLanguage ?? 'JSONPath'
  const around: Around = { ...given, language, path: [], at, input, compile: machineNode }
  const init = apply(PURE.frame, [input(depth), literal(null), literal(FIRST_EVENTS)])
  return machineNode({ id: MACHINE, name, machine, around, init, depth })
}

/** ExecutionStarted. */
const FIRST_EVENTS = 1

type Machines = NonNullable<BindOptions['machines']>

/** What any may start that any may start that any may start is as many machines as there are, to the power of this. */
const DEPTH_MAX = 3

/** `within`: those that are running around: none of them can be a part of itself. */
const childrenOf = (machines: Machines, within: readonly string[]): readonly ChildRegion[] =>
  within.length === DEPTH_MAX
    ? []
    : Object.entries(machines).flatMap(([key, source]) =>
        within.includes(key) ? [] : [childRegion(key, source, machines, [...within, key])],
      )

/** A machine that others start. */
function childRegion(key: string, source: MachineSource, machines: Machines, within: readonly string[]): ChildRegion {
  const { machine } = source
  return {
    key,
    name: key.split(':').at(-1) ?? key,
    ...(machine.TimeoutSeconds === undefined ? {} : { deadlineMs: machine.TimeoutSeconds * 1000 }),
    region: depth => {
      const children = childrenOf(machines, within)
      const net = outermost(source, { name: key, depth, execution: paramAt(depth, 'execution'), children, within })
      return region([net], node(MACHINE, ['input']), ['input', 'execution'])
    },
  }
}
