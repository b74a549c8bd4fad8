/**
 * Calls that only the runtime itself can stop: regular expressions that backtrack, and functions of the language that loop
 * within one call. A watch of the runtime interrupts them after their time, from outside of the thread.
 *
 * An engine for regular expressions of its own would take linear time, but gives other matches for what JavaScript's know
 * (look-around, references back), and was ten times slower to compile a pattern than the watch is to set up.
 */
import { createContext, Script } from 'node:vm'

import { LIMITS, WORDS } from './limits.ts'

/** What `work` gives, if it ends in time. */
export function inTime<T>(work: () => T, milliseconds: number = LIMITS.watchMilliseconds): T {
  room ??= createContext(Object.create(null) as object) as { work?: () => unknown }
  const outer = room.work
  room.work = work
  try {
    return call.runInContext(room, { timeout: Math.max(1, Math.ceil(milliseconds)) }) as T
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new Error(WORDS.slow)
    throw error
  } finally {
    room.work = outer
  }
}

const call = new Script('work()')
let room: { work?: () => unknown } | undefined

/** What jsonata uses of a regular expression, all of one literal of a text: time adds up over its matches. */
export class WatchedRegExp {
  lastIndex = 0
  readonly #pattern: RegExp
  #text: string | undefined
  /** Matches found ahead, and how far they have been asked for: a watch is worth more than one match. */
  #found: RegExpExecArray[] = []
  #at = 0
  #batch = 1
  #leftMs: number = LIMITS.watchMilliseconds

  constructor(pattern: RegExp) {
    this.#pattern = new RegExp(pattern.source, pattern.flags)
  }

  exec(text: string): RegExpExecArray | null {
    const last = this.#found[this.#at - 1]
    const goesOn = text === this.#text && last !== undefined && this.lastIndex === last.index + last[0].length
    if (!goesOn) this.#restart(text)
    if (this.#at === this.#found.length) this.#look(text)
    const match = this.#found[this.#at]
    this.lastIndex = match ? match.index + match[0].length : 0
    this.#at += match ? 1 : 0
    return match ?? null
  }

  #restart(text: string): void {
    this.#text = text
    this.#found = []
    this.#at = 0
    this.#batch = 1
  }

  #look(text: string): void {
    const pattern = this.#pattern
    const batch = this.#batch
    this.#batch = Math.min(batch * 8, 4096)
    pattern.lastIndex = this.lastIndex
    const startMs = performance.now()
    this.#found = inTime(() => matches(pattern, text, batch), this.#leftMs)
    this.#at = 0
    this.#leftMs -= performance.now() - startMs
  }
}

/** No more than `count`, and none after one of an empty text: a caller must not loop there. */
function matches(pattern: RegExp, text: string, count: number): RegExpExecArray[] {
  const found: RegExpExecArray[] = []
  while (found.length < count) {
    const match = pattern.exec(text)
    if (match === null) break
    found.push(match)
    if (match[0] === '') break
  }
  return found
}
