/** What the steps of a run printed, a file each. */
import { appendFileSync } from 'node:fs'
import { eachLogLine } from '../log-file.ts'
import type { Target } from './target.ts'

/** Text that is held back before it is written: steps print by turns, and there may be thousands of them. */
const HELD_CHARS_MAX = 4 * 2 ** 20

interface Wanted {
  readonly store: string
  readonly run: string
  /** Lines that came later are left out. */
  readonly untilMs: number
  /** Where a step's lines go, seen from the target; undefined: they are not wanted. `''`: those of the run itself. */
  readonly nameOf: (step: string) => string | undefined
}

/** Where each step's lines are. */
export async function layLogs(
  target: Target,
  { store, run, untilMs, nameOf }: Wanted,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, { readonly at: string; readonly incoming: string; lines: string[] }>()
  let held = 0
  const flush = (): void => {
    for (const file of files.values()) {
      if (file.lines.length > 0) appendFileSync(file.incoming, file.lines.join(''))
      file.lines = []
    }
    held = 0
  }
  for await (const { step, text, atMs } of eachLogLine(store, run)) {
    const at = atMs > untilMs ? undefined : nameOf(step)
    if (at === undefined) continue
    const file = files.get(step) ?? { at, incoming: target.incoming(), lines: [] }
    files.set(step, file)
    file.lines.push(`${text}\n`)
    held += text.length
    if (held >= HELD_CHARS_MAX) flush()
  }
  flush()
  for (const { incoming, at } of files.values()) await target.adopt(incoming, at)
  return new Map([...files].map(([step, { at }]) => [step, at]))
}
