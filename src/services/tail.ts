/** The last lines of a service, and which patterns a line of it has matched since its start. */
import type { Lines } from './probe.ts'

const LINES_MAX = 50
/** Only so much of a start is kept for a pattern that is asked for late. */
const CHARS_MAX = 2_000

export interface Tail extends Lines {
  add(text: string): void
  last(): readonly string[]
}

export function newTail(): Tail {
  let lines: string[] = []
  const asked = new Map<RegExp, boolean>()
  return {
    add(text) {
      for (const [pattern, found] of asked) if (!found && pattern.test(text)) asked.set(pattern, true)
      lines.push(text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text)
      if (lines.length > 2 * LINES_MAX) lines = lines.slice(-LINES_MAX)
    },
    last: () => lines.slice(-LINES_MAX),
    seen(pattern) {
      if (!asked.has(pattern))
        asked.set(
          pattern,
          lines.some(line => pattern.test(line)),
        )
      return asked.get(pattern) ?? false
    },
  }
}
