/** A case as a person reads it: the graph, what goes wrong, and what was told with what came of it. */
import type { Event, Input } from '../../src/core/engine/protocol.ts'
import { type Expr, type Graph, type Node, type Region, regionsOf } from '../../src/core/graph/graph.ts'
import type { Case } from './check.ts'
import type { Entry } from './world.ts'

export function showCase({ graph, behaviour, faults, knobs }: Case): string {
  const chance = Object.entries(knobs).flatMap(([name, oneIn]) =>
    oneIn > 0 && name !== 'choices' ? [`${name} 1/${oneIn}`] : [],
  )
  return [
    ...showGraph(graph),
    `fails ${behaviour.failOneIn > 0 ? `1/${behaviour.failOneIn}` : 'never for good'}; ${chance.join(', ') || 'no chance'}`,
    ...faults.map(({ kind, before }) => `${kind} before action ${before}`),
  ].join('\n')
}

export const showGraph = ({ root, deadlineMs }: Graph): readonly string[] => [
  `run${deadlineMs === undefined ? '' : ` within ${deadlineMs}`}`,
  ...showRegion(root, '  '),
]

const showRegion = (region: Region, indent: string): readonly string[] => [
  ...region.nodes.flatMap(node => showNode(node, indent)),
  `${indent}= ${showExpr(region.result)}${region.onFailure === 'finish' ? ' (finishes)' : ''}`,
]

function showNode(node: Node, indent: string): readonly string[] {
  const regions = regionsOf(node).filter(([, region]) => region.nodes.length > 0 || node.kind !== 'call')
  return [
    `${indent}${node.id} ${node.kind} ${showOptions(node)}`.trimEnd(),
    ...regions.flatMap(([label, region]) => [
      `${indent}  ${label}(${region.params.join(', ')}):`,
      ...showRegion(region, `${indent}    `),
    ]),
  ]
}

const HIDDEN: ReadonlySet<string> = new Set([
  'id',
  'name',
  'kind',
  'task',
  'flow',
  'executor',
  'workflow',
  'body',
  'then',
  'otherwise',
  'handlers',
  'finalizer',
  'source',
])

function showOptions(node: Node): string {
  const shown = Object.entries(node).flatMap(([name, value]) => {
    if (HIDDEN.has(name) || value === undefined || name === 'undo') return []
    if (name === 'arms')
      return node.kind === 'any'
        ? [
            Object.entries(node.arms)
              .map(([label, arm]) => `${label} if ${showExpr(arm.condition)}`)
              .join(', '),
          ]
        : []
    if (name === 'transitions' && node.kind === 'net')
      return [
        node.transitions
          .map(({ id, consumes, produces, guard }) => `${id}: ${consumes} -> ${produces}${guard ? ' if …' : ''}`)
          .join('; '),
      ]
    if (name === 'after') return node.after.length > 0 ? [`after ${node.after.join(', ')}`] : []
    if (name === 'args')
      return [
        `(${(Array.isArray(value) ? (value as Expr[]) : (Object.values(value) as Expr[])).map(showExpr).join(', ')})`,
      ]
    if (name === 'policy') return Object.keys(value).length > 0 ? [JSON.stringify(value)] : []
    return [
      `${name} ${typeof value === 'object' && name !== 'on' && 'kind' in value ? showExpr(value as Expr) : JSON.stringify(value)}`,
    ]
  })
  const handlers =
    node.kind === 'attempt' ? node.handlers.map(({ errors }) => `catches ${errors.join(', ') || 'all'}`) : []
  return [...shown, ...handlers].join(' ')
}

function showExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return JSON.stringify(expr.value)
    case 'node':
    case 'param':
      return `${'^'.repeat(expr.up)}${expr.kind === 'node' ? expr.node : `$${expr.param}`}${expr.path.map(key => `.${key}`).join('')}`
    case 'record':
      return `{${Object.entries(expr.fields)
        .map(([name, field]) => `${name}: ${showExpr(field)}`)
        .join(', ')}}`
    case 'list':
      return `[${expr.items.map(showExpr).join(', ')}]`
    case 'apply':
      return `f(${expr.args.map(showExpr).join(', ')})`
    case 'resource':
      return 'resource'
  }
}

export const showRun = (entries: readonly Entry[]): string =>
  entries
    .map(
      ({ input, events, refused }) =>
        `${showInput(input)} > ${refused ?? (events.map(showEvent).join(', ') || 'nothing')}`,
    )
    .join('\n')

export function showInput(input: Input): string {
  const step =
    'step' in input
      ? (input.step ?? '')
      : 'scope' in input
        ? (input.scope ?? '')
        : 'call' in input
          ? `${input.call.flow} ${input.call.key}`
          : ''
  const what =
    input.kind === 'attempt.finished'
      ? `${input.attempt} ${input.outcome.kind}${input.outcome.kind === 'failed' ? ` ${input.outcome.fault.code}` : ''}`
      : input.kind === 'branch.evaluated' || input.kind === 'items.evaluated'
        ? JSON.stringify(input.result)
        : input.kind === 'timer.fired'
          ? input.timer
          : input.kind === 'signal.sent'
            ? input.signal
            : ''
  return `${input.atMs} ${input.kind} ${step} ${what}`.trimEnd()
}

export function showEvent(event: Event): string {
  const what =
    event.kind === 'step.settled'
      ? event.outcome.kind
      : event.kind === 'chosen'
        ? (event.branches?.join(' ') ?? event.branch)
        : event.kind === 'items.added'
          ? event.keys.join(' ')
          : event.kind === 'run.ended'
            ? `${event.status} ${event.fault?.code ?? ''}`
            : ''
  return `${event.kind} ${'step' in event ? (event.step ?? 'nobody') : ''} ${what}`.trimEnd()
}

/** The end of a long run is where it fails. */
export function tail(text: string): string {
  const lines = text.split('\n').map(line => (line.length > 200 ? `${line.slice(0, 200)} …` : line))
  return [...(lines.length > LINES ? [`… ${lines.length - LINES} lines`] : []), ...lines.slice(-LINES)].join('\n')
}
const LINES = 60
