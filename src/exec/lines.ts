/** Text that comes in pieces, as whole lines without secrets. One sink per source of text: two children never share a line. */
import { feed, NOTHING_HELD } from './secrets/stream.ts'
import { secretForms } from './secrets/vault.ts'

/** A line longer than this goes out in parts: memory stays bounded when a program prints no line break. */
const LINE_CHARS_MAX = 1_000_000

export interface LineSink {
  write(text: string): void
  /** Puts out what is left. The sink can be written to again. */
  end(): void
}

export function lineSink(emit: (line: string) => void): LineSink {
  let held = NOTHING_HELD
  let partial = ''
  const take = (text: string) => {
    const lines = (partial + text).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) emit(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (partial.length > LINE_CHARS_MAX) {
      emit(partial)
      partial = ''
    }
  }
  const pass = (text: string, more: 'more' | 'end') => {
    const step = feed(held, text, secretForms(), more)
    held = step.held
    take(step.out)
  }
  return {
    write: text => pass(text, 'more'),
    end: () => {
      pass('', 'end')
      held = NOTHING_HELD
      if (partial !== '') emit(partial)
      partial = ''
    },
  }
}
