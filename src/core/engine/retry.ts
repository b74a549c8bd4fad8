/** Whether and when a failed step is tried again. Pure: jitter is a hash, the instant comes in. */
import { hashText } from '../../util/hash.ts'
import type { Retry } from '../graph/graph.ts'

/** Attempts that were lost with their worker do not count as failures, but a step that kills every worker is not tried for ever. */
export const LOST_ATTEMPTS_MAX = 10

/**
 * Milliseconds to wait after the `failures`-th failure (from 1).
 * Exponential doubles; full and equal jitter after Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
 */
export function backoffMs(retry: Retry, failures: number, idempotencyKey: string): number {
  const plain =
    retry.backoff === 'fixed'
      ? retry.delayMs
      : Math.min(retry.delayMsMax, retry.delayMs * 2 ** Math.min(failures - 1, 50))
  switch (retry.jitter) {
    case 'none':
      return plain
    case 'full':
      return Math.floor(plain * fraction(idempotencyKey, failures))
    case 'equal':
      return Math.floor(plain / 2 + (plain / 2) * fraction(idempotencyKey, failures))
  }
}

/** In [0, 1), the same for the same step and failure: replay and every process agree. */
const fraction = (idempotencyKey: string, failures: number): number =>
  Number.parseInt(hashText(`${idempotencyKey}#${failures}`).slice(0, 12), 16) / 2 ** 48
