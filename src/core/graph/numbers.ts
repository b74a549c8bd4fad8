/** The numbers in a node: how many, how often, how long. A graph that no parser has seen may have any. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import { DURATION_MAX_MS } from '../../util/duration.ts'
import type { Expr, Graph, Node, Policy, Retry } from './graph.ts'
import { problem } from './problem.ts'

export function checkNumbers(node: Node, found: Diagnostic[]): void {
  for (const [what, value, rule] of [...numbersOfKind(node), ...numbersOfPolicy(node.policy)]) {
    if (value === undefined || rule.holds(value)) continue
    found.push(problem(rule.code, node, `${node.name}: ${what} is ${value}, but should be ${rule.takes}`, rule.hint))
  }
}

export function checkDeadline({ name, deadlineMs }: Graph, found: Diagnostic[]): void {
  if (deadlineMs === undefined || DURATION.holds(deadlineMs)) return
  const message = `${name}: the deadline is ${deadlineMs}, but should be ${DURATION.takes}`
  found.push({ code: DURATION.code, severity: 'error', message, hint: DURATION.hint })
}

type Numbered = readonly [what: string, value: number | undefined, rule: Rule]

interface Rule {
  readonly code: string
  readonly takes: string
  readonly hint: string
  readonly holds: (value: number) => boolean
}

const whole = (min: number, code = 'BAD_LIMIT'): Rule => ({
  code,
  takes: `a whole number from ${min}`,
  hint: 'Give such a number, or leave it out.',
  holds: value => Number.isSafeInteger(value) && value >= min,
})
const between = (takes: string, holds: (value: number) => boolean): Rule => ({
  code: 'BAD_LIMIT',
  takes,
  hint: 'Give such a number, or leave it out.',
  holds,
})
const SHARE = between('a share from 0 to 1', value => value >= 0 && value <= 1)
const FACTOR = between('a number from 1', value => value >= 1 && Number.isFinite(value))
const FINITE = between('a number', Number.isFinite)
const DURATION: Rule = {
  code: 'BAD_DURATION',
  takes: 'milliseconds from 0 to 100 years',
  hint: 'Give a time that can pass.',
  holds: value => value >= 0 && value <= DURATION_MAX_MS,
}

function numbersOfKind(node: Node): readonly Numbered[] {
  switch (node.kind) {
    case 'each':
      return [
        ['the number of items at a time', node.concurrency, whole(1, 'BAD_CONCURRENCY')],
        ['the size of a batch', node.batch, whole(1)],
        ['the number of items that must succeed', node.until?.count, whole(1)],
        ...tolerated(node.tolerate),
      ]
    case 'loop':
      return [['the limit of turns', node.limit, whole(0)]]
    case 'wait':
      return node.on.kind === 'timer' ? [['the duration', literalNumber(node.on.duration), DURATION]] : []
    default:
      return []
  }
}

function tolerated(tolerate: Extract<Node, { kind: 'each' }>['tolerate']): readonly Numbered[] {
  if (!tolerate) return []
  return 'count' in tolerate
    ? [['the number of items that may fail', tolerate.count, whole(0)]]
    : [['the share of items that may fail', tolerate.share, SHARE]]
}

/** What is known now; NaN for a literal that is no number. */
function literalNumber(expr: Expr): number | undefined {
  if (expr.kind !== 'literal') return undefined
  return typeof expr.value === 'number' ? expr.value : Number.NaN
}

function numbersOfPolicy({ retry, timeoutMs, heartbeatMs, deadlineMs, pool, priority }: Policy): readonly Numbered[] {
  return [
    ['the timeout', timeoutMs, DURATION],
    ['the longest silence', heartbeatMs, DURATION],
    ['the deadline', deadlineMs, DURATION],
    ['the number of slots', pool?.slots, whole(1)],
    ['the weight', pool?.weight, weightIn(pool?.slots ?? 0)],
    ['the priority', priority, FINITE],
    ...(retry ?? []).flatMap(numbersOfRetry),
  ]
}

/** More than there are would be waited for without end. */
const weightIn = (slots: number): Rule => ({
  ...whole(1),
  takes: `a whole number from 1 to the pool's ${slots} slots`,
  holds: value => Number.isSafeInteger(value) && value >= 1 && value <= slots,
})

const numbersOfRetry = ({ times, factor, delayMs, delayMsMax }: Retry): readonly Numbered[] => [
  ['the number of retries', times, whole(0)],
  ['the growth of the delay', factor, FACTOR],
  ['the delay', delayMs, DURATION],
  ['the longest delay', delayMsMax, DURATION],
]
