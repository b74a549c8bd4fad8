/**
 * Holds the process open while attempts run: a task that waits for something that holds nothing open (a promise that never
 * resolves, an idle worker) would otherwise end the process in the middle of its run, with no word about it.
 */
import { shared } from './shared.ts'

const holds = shared<{ count: number; timer: NodeJS.Timeout | undefined }>('alive', () => ({
  count: 0,
  timer: undefined,
}))
const HOUR_MS = 3_600_000

/** Call what it returns, once, when the wait is over. */
export function holdOpen(): () => void {
  // The timer stays, unreferenced: making one for each attempt of a chain costs more than the attempt's other bookkeeping.
  if (holds.count++ === 0) (holds.timer ??= setInterval(() => {}, HOUR_MS)).ref()
  return release
}

function release(): void {
  if (--holds.count === 0) holds.timer?.unref()
}
