/** Commands that run at once in this process are bounded: 10,000 parallel steps must not become 10,000 processes. */
import { availableParallelism } from 'node:os'
import { shared } from '../shared.ts'

interface Slots {
  max: number
  used: number
  readonly waiting: Set<() => void>
}

const slots = shared<Slots>('commands', () => ({ max: defaultMax(), used: 0, waiting: new Set() }))

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

/** Resolves with the release of a slot, in the order of asking; with undefined when the signal aborts before. */
export function takeSlot(signal: AbortSignal): Promise<(() => void) | undefined> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(undefined)
    const grant = () => {
      slots.waiting.delete(grant)
      signal.removeEventListener('abort', leave)
      slots.used++
      resolve(releaseOnce())
    }
    const leave = () => {
      slots.waiting.delete(grant)
      resolve(undefined)
    }
    signal.addEventListener('abort', leave, { once: true })
    slots.waiting.add(grant)
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
  for (const grant of slots.waiting) {
    if (slots.used >= slots.max) return
    grant()
  }
}
