/** Whether and when a failed step is tried again. Pure: jitter is a hash, the instant comes in. */
import { hashText } from '../../util/hash.ts'
import type { Retry } from '../graph/graph.ts'
import type { Fault } from './protocol.ts'

/** Attempts that were lost with their worker do not count as failures, but a step that kills every worker is not tried for ever. */
export const LOST_ATTEMPTS_MAX = 10

/** Whether a list of codes and class names has the fault; an empty or absent one has all. */
export const isKnownBy = (errors: readonly string[] | undefined, { code, types }: Fault): boolean =>
  !errors || errors.length === 0 || errors.includes(code) || (types?.some(type => errors.includes(type)) ?? false)

/**
 * The rule that counts the failure and how long to wait; undefined when the failure is final. `counts`: failures that each
 * rule has counted before. Only the first rule that knows the error is asked (Step Functions' rule).
 */
export function nextRetry(
  rules: readonly Retry[] | undefined,
  counts: readonly number[],
  fault: Fault,
  idempotencyKey: string,
): { readonly rule: number; readonly delayMs: number } | undefined {
  const rule = rules?.findIndex(({ errors }) => isKnownBy(errors, fault)) ?? -1
  const retry = rules?.[rule]
  const count = counts[rule] ?? 0
  if (!retry || count >= retry.times) return undefined
  return { rule, delayMs: backoffMs(retry, count + 1, rule === 0 ? idempotencyKey : `${idempotencyKey}#rule${rule}`) }
}

/**
 * Milliseconds to wait after the `failures`-th failure (from 1).
 * Full, equal and decorrelated jitter after Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function backoffMs(retry: Retry, failures: number, idempotencyKey: string): number {
  if (retry.jitter === 'decorrelated') return decorrelatedMs(retry, failures, idempotencyKey)
  const plain =
    retry.backoff === 'fixed'
      ? retry.delayMs
      : Math.min(retry.delayMsMax, retry.delayMs * (retry.factor ?? 2) ** Math.min(failures - 1, 50))
  switch (retry.jitter) {
    case 'none':
      return Math.floor(plain)
    case 'full':
      return Math.floor(plain * fraction(idempotencyKey, failures))
    case 'equal':
      return Math.floor(plain / 2 + (plain / 2) * fraction(idempotencyKey, failures))
  }
}

/** Each wait is drawn between the base and three times the one before, so it is folded from the first. */
function decorrelatedMs({ delayMs, delayMsMax }: Retry, failures: number, idempotencyKey: string): number {
  let wait = delayMs
  for (let failure = 1; failure <= failures; failure++)
    wait = Math.min(delayMsMax, delayMs + (wait * 3 - delayMs) * fraction(idempotencyKey, failure))
  return Math.floor(wait)
}

/** In [0, 1), the same for the same step and failure: replay and every process agree. */
const fraction = (idempotencyKey: string, failures: number): number =>
  Number.parseInt(hashText(`${idempotencyKey}#${failures}`).slice(0, 12), 16) / 2 ** 48
