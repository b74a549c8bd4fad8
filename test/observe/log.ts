/** Short ways to write graphs and logs in tests. */
import type { Event, Fault, Outcome, ValueRef } from '../../src/core/engine/protocol.ts'
import type { Expr, Graph, Node, Region } from '../../src/core/graph/graph.ts'
import { hashText } from '../../src/util/hash.ts'

export const none: Expr = { kind: 'literal', value: null }
export const ref = (node: string, up = 0): Expr => ({ kind: 'node', node, up, path: [] })
export const region = (nodes: readonly Node[], result: Expr = none, params: readonly string[] = []): Region => ({
  params,
  nodes,
  result,
})
export const graph = (nodes: readonly Node[], name = 'ci'): Graph => ({
  version: 1,
  name,
  params: [],
  root: region(nodes),
  reads: [],
})

const common = (id: string) => ({ id, name: id, after: [], policy: {} })
export const task = (id: string, ...args: readonly Expr[]): Node => ({
  ...common(id),
  kind: 'task',
  task: id,
  args,
  executor: 'inline',
})
export const effect = (id: string, ...args: readonly Expr[]): Node => ({
  ...common(id),
  kind: 'effect',
  task: id,
  args,
  executor: 'inline',
})
export const flow = (id: string, ...args: readonly Expr[]): Node => ({ ...common(id), kind: 'flow', flow: id, args })
export const source = (id: string, ...globs: readonly string[]): Node => ({
  ...common(id),
  kind: 'source',
  source: { kind: 'files', globs },
})
export const when = (id: string, condition: Expr, then: Region, otherwise: Region = region([])): Node => ({
  ...common(id),
  kind: 'when',
  condition,
  then,
  otherwise,
})
export const match = (id: string, value: Expr, arms: { readonly [label: string]: Region }): Node => ({
  ...common(id),
  kind: 'match',
  value,
  arms,
})
export const each = (id: string, items: Expr, body: Region): Node => ({
  ...common(id),
  kind: 'each',
  items,
  body: { ...body, params: ['item', 'index'] },
})
export const call = (id: string, body: Region): Node => ({ ...common(id), kind: 'call', workflow: id, args: {}, body })

type Of<K extends Node['kind']> = Extract<Node, { kind: K }>
export const signal = (id: string, name = id): Of<'wait'> => ({
  ...common(id),
  kind: 'wait',
  on: { kind: 'signal', signal: name, type: {}, early: 'kept' },
})
export const sleep = (id: string, ms: number): Of<'wait'> => ({
  ...common(id),
  kind: 'wait',
  on: { kind: 'timer', duration: { kind: 'literal', value: ms } },
})
export const loop = (id: string, body: Region): Of<'loop'> => ({
  ...common(id),
  kind: 'loop',
  init: none,
  condition: none,
  test: 'while',
  body: { ...body, params: ['state', 'turn'] },
})
export const race = (id: string, arms: { readonly [label: string]: Region }): Of<'race'> => ({
  ...common(id),
  kind: 'race',
  arms,
})
export const attempt = (id: string, body: Region, rest: Partial<Of<'attempt'>> = {}): Of<'attempt'> => ({
  ...common(id),
  kind: 'attempt',
  body,
  handlers: [],
  ...rest,
})
export const scope = (id: string, body: Region, rest: Partial<Of<'scope'>> = {}): Of<'scope'> => ({
  ...common(id),
  kind: 'scope',
  body,
  ...rest,
})
export const cancel = (id: string, node: string, dependents: 'skip' | 'run' = 'skip'): Of<'cancel'> => ({
  ...common(id),
  kind: 'cancel',
  target: { node, up: 0 },
  dependents,
})

export const value = (text: string): ValueRef => ({
  codec: 'json',
  hash: hashText(text),
  sizeBytes: text.length,
  inline: text,
})
export const succeeded = (text = 'null'): Outcome => ({ kind: 'succeeded', output: value(text) })
export const failed = (message: string, code = 'TASK_FAILED'): Outcome => ({ kind: 'failed', fault: { code, message } })

export type Maker = (atMs: number) => Event

/** Events a second apart from second 0 on, made by short words. */
export function log(...makers: readonly Maker[]): readonly Event[] {
  return makers.map((make, index) => make(index * 1_000))
}

const v = 1 as const
export const started = (atMs: number): Event => ({
  kind: 'run.started',
  v,
  run: 'r1',
  graph: hashText('g'),
  args: {},
  atMs,
})
export const start =
  (step: string, attempt = 1) =>
  (atMs: number): Event => ({ kind: 'attempt.started', v, step, attempt, worker: 'w', atMs })
export const retry =
  (step: string, message: string, delayMs: number, attempt = 1) =>
  (atMs: number): Event => ({
    kind: 'attempt.failed',
    v,
    step,
    attempt,
    fault: { code: 'TASK_FAILED', message },
    counts: true,
    retryAtMs: atMs + delayMs,
    atMs,
  })
export const settle =
  (step: string, outcome: Outcome = succeeded(), attempt = 1) =>
  (atMs: number): Event => ({ kind: 'step.settled', v, step, attempt, outcome, atMs })
export const known =
  (step: string, run: string) =>
  (atMs: number): Event => ({
    kind: 'step.settled',
    v,
    step,
    attempt: 0,
    outcome: succeeded(),
    origin: { kind: 'run', run, step },
    atMs,
  })
export const choose =
  (step: string, branch: string) =>
  (atMs: number): Event => ({ kind: 'chosen', v, step, branch, atMs })
export const items =
  (step: string, ...keys: readonly string[]) =>
  (atMs: number): Event => ({
    kind: 'items.added',
    v,
    step,
    keys,
    items: { kind: 'list', items: [] },
    closed: true,
    atMs,
  })
export const calls =
  (flow: string, key: string, task: string) =>
  (atMs: number): Event => ({
    kind: 'call.added',
    v,
    atMs,
    call: {
      flow,
      key,
      site: key,
      argsHash: hashText(key),
      args: [],
      target: { kind: 'node', node: { kind: 'task', name: task, task, executor: 'inline', policy: {} } },
    },
  })
export const record =
  (step: string, name: string, text: string) =>
  (atMs: number): Event => ({ kind: 'value.recorded', v, step, attempt: 1, name, value: text, atMs })
export const receive =
  (name: string, step?: string, text = '1') =>
  (atMs: number): Event => ({
    kind: 'signal.received',
    v,
    signal: name,
    value: { kind: 'value', value: value(text), path: [] },
    ...(step === undefined ? {} : { step }),
    atMs,
  })
export const fire =
  (step: string, timer: 'wake' | 'retry' | 'deadline' = 'wake') =>
  (atMs: number): Event => ({ kind: 'timer.fired', v, step, timer, atMs })
export const grant =
  (step: string) =>
  (atMs: number): Event => ({ kind: 'granted', v, step, atMs })
export const park =
  (step: string, message: string, attempt = 1) =>
  (atMs: number): Event => ({
    kind: 'step.parked',
    v,
    step,
    attempt,
    fault: { code: 'TASK_FAILED', message },
    atMs,
  })
export const stop =
  (step: string) =>
  (atMs: number): Event => ({ kind: 'step.stopped', v, step, fault: { code: 'CANCELLED', message: 'no more' }, atMs })
export const again =
  (step: string) =>
  (atMs: number): Event => ({ kind: 'step.retried', v, step, atMs })
export const redrive =
  (...from: readonly string[]) =>
  (atMs: number): Event => ({ kind: 'run.redriven', v, from, accept: [], atMs })
export const close =
  (message: string) =>
  (atMs: number): Event => ({
    kind: 'scope.closed',
    v,
    scope: '',
    cause: 'cancelled',
    fault: { code: 'CANCELLED', message },
    atMs,
  })
export const end =
  (status: Extract<Event, { kind: 'run.ended' }>['status'], fault?: Fault) =>
  (atMs: number): Event => ({ kind: 'run.ended', v, status, fault, atMs })
