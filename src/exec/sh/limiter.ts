/** Commands that run at once in this process are bounded: 10,000 parallel steps must not become 10,000 processes. */
import { availableParallelism } from 'node:os'
import { type Line, newLine } from '../../util/line.ts'
import type { Attempt } from '../attempt.ts'
import { shared } from '../shared.ts'

interface Slots {
  max: number
  used: number
  arrivals: number
  readonly waiting: Line<Waiting>
}

interface Waiting {
  readonly grant: () => void
  isGone: boolean
}

const slots = shared<Slots>('command slots', () => ({ max: defaultMax(), used: 0, arrivals: 0, waiting: newLine() }))

/** A few more than processors, as commands also wait for disks. */
function defaultMax(): number {
  const given = Number(process.env['TUTTI_COMMANDS_MAX'])
  return Number.isInteger(given) && given > 0 ? given : availableParallelism() + 2
}

/** How many commands may run at once in this process, from now on. Also by the variable TUTTI_COMMANDS_MAX. */
export function setCommandsMax(count: number): void {
  slots.max = Math.max(1, Math.floor(count))
  wake()
}

export const commandsMax = (): number => slots.max

/**
 * Resolves with the release of a slot; with undefined when the signal aborts before. In the order of the steps' priorities, then
 * of their ways to the end of the run where these are known, then of asking.
 */
export function takeSlot(
  signal: AbortSignal,
  attempt?: Pick<Attempt, 'policy' | 'ahead'>,
): Promise<(() => void) | undefined> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(undefined)
    const item: Waiting = {
      isGone: false,
      grant: () => {
        signal.removeEventListener('abort', leave)
        slots.used++
        resolve(releaseOnce())
      },
    }
    const leave = () => {
      item.isGone = true
      resolve(undefined)
    }
    signal.addEventListener('abort', leave, { once: true })
    const { policy, ahead = 0 } = attempt ?? {}
    slots.waiting.add({ priority: policy?.priority ?? 0, ahead, arrival: slots.arrivals++, item })
    wake()
  })
}

function releaseOnce(): () => void {
  let held = true
  return () => {
    if (held) slots.used--
    held = false
    wake()
  }
}

function wake(): void {
  for (let place = slots.waiting.first; place && slots.used < slots.max; place = slots.waiting.first) {
    slots.waiting.removeFirst()
    if (!place.item.isGone) place.item.grant()
  }
}
