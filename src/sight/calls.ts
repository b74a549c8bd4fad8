/**
 * The text that strace writes (`-f -y -o FILE`), cut into system calls. It knows the notation alone: which call means what
 * is said in ./processes.ts.
 *
 *   S1. No text makes it throw: what it does not understand is counted and passed over.
 *   S2. A call that was cut in two (`<unfinished ...>`, `<... resumed>`) comes whole, at the place of its second half.
 */

export type SightLine =
  | { readonly kind: 'call'; readonly pid: number; readonly call: Call }
  /** The first half of a call that others came in between of. */
  | { readonly kind: 'begun'; readonly pid: number; readonly name: string; readonly text: string }
  | { readonly kind: 'ended'; readonly pid: number; readonly exit: Exit }
  /** A thread has called exec: its leader's number is its own from now on. */
  | { readonly kind: 'superseded'; readonly pid: number; readonly by: number }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unknown' }

export interface Call {
  readonly name: string
  /** As written: strings in quotes, descriptors as `3</path>`. */
  readonly args: readonly string[]
  /** What stands behind the `=`. */
  readonly result: string
}

export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }

const UNFINISHED = ' <unfinished ...>'
const PID_CHANGED = / <pid changed to (\d+) \.\.\.>$/
const EXIT = /^\+\+\+ (?:exited with (\d+)|killed by (\w+)|superseded by execve in pid (\d+))/
const RESUMED = /^<\.\.\. (\w+) resumed> ?/

/** A reader of one log, line by line. */
export function callReader(): (line: string) => SightLine {
  const halves = new Map<number, string>()

  const complete = (pid: number, text: string): SightLine => {
    const call = parseCall(text)
    return call ? { kind: 'call', pid, call } : { kind: 'unknown' }
  }

  return line => {
    let at = 0
    let pid = 0
    for (; isDigit(line.charCodeAt(at)); at++) pid = pid * 10 + line.charCodeAt(at) - 48
    if (at === 0 || line.charCodeAt(at) !== 32) return line === '' ? NOTHING : UNKNOWN
    while (line.charCodeAt(at) === 32) at++
    const first = line.charCodeAt(at)
    if (first === 43 /* + */) return exitOf(pid, line.slice(at))
    if (first === 45 /* - */) return NOTHING // a signal
    if (first === 60 /* < */) {
      const rest = line.slice(at)
      const half = halves.get(pid)
      halves.delete(pid)
      const resumed = RESUMED.exec(rest)
      if (half === undefined || resumed === null || !half.startsWith(`${resumed[1]}(`)) return UNKNOWN
      return complete(pid, half + rest.slice(resumed[0].length))
    }
    if (line.charCodeAt(line.length - 1) === 62 /* > */) {
      if (line.endsWith(UNFINISHED)) {
        const text = line.slice(at, -UNFINISHED.length)
        halves.set(pid, text)
        return { kind: 'begun', pid, name: text.slice(0, Math.max(0, text.indexOf('('))), text }
      }
      const changed = line.endsWith(' ...>') ? PID_CHANGED.exec(line) : null
      if (changed !== null) {
        halves.set(Number(changed[1]), line.slice(at, changed.index))
        return NOTHING
      }
    }
    return complete(pid, line.slice(at))
  }
}

const NOTHING: SightLine = { kind: 'nothing' }
const UNKNOWN: SightLine = { kind: 'unknown' }

function exitOf(pid: number, text: string): SightLine {
  const match = EXIT.exec(text)
  if (match === null) return UNKNOWN
  const [, code, signal, by] = match
  if (by !== undefined) return { kind: 'superseded', pid, by: Number(by) }
  return {
    kind: 'ended',
    pid,
    exit: signal === undefined ? { kind: 'exited', code: Number(code) } : { kind: 'killed', signal },
  }
}

/** `name(args) = result`. */
function parseCall(text: string): Call | undefined {
  const open = text.indexOf('(')
  if (open <= 0) return undefined
  const args: string[] = []
  const end = splitArgs(text, open + 1, args)
  if (end === -1) return undefined
  const equals = text.indexOf('= ', end)
  if (equals === -1) return undefined
  return { name: text.slice(0, open), args, result: text.slice(equals + 2).trim() }
}

/** Cuts a list at its top-level commas. Gives the place behind its closing bracket; -1 when there is none. */
export function splitArgs(text: string, from: number, args: string[]): number {
  let start = from
  let depth = 0
  const close = (at: number) => {
    const arg = text.slice(start, at).trim()
    if (arg !== '' || args.length > 0) args.push(arg)
    start = at + 1
  }
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34: // "
        at = endOfString(text, at)
        if (at === -1) return -1
        break
      case 60: // <: a descriptor's path; its own < and > are escaped
        if (at > from && isDescriptorEnd(text.charCodeAt(at - 1))) {
          const end = text.indexOf('>', at)
          if (end === -1) return -1
          at = end
        }
        break
      case 47: // a comment
        if (text.charCodeAt(at + 1) === 42) {
          const end = text.indexOf('*/', at + 2)
          if (end === -1) return -1
          at = end + 1
        }
        break
      case 40: // ( [ {
      case 91:
      case 123:
        depth++
        break
      case 41: // ) ] }
      case 93:
      case 125:
        if (depth === 0) {
          close(at)
          return at + 1
        }
        depth--
        break
      case 44: // ,
        if (depth === 0) close(at)
        break
    }
  }
  return -1
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57
/** `3<…>` and `AT_FDCWD<…>`. */
const isDescriptorEnd = (code: number): boolean => isDigit(code) || code === 68

/** The place of the closing quote. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at === -1) return -1
    let slashes = 0
    for (let before = at - 1; text.charCodeAt(before) === 92; before--) slashes++
    if (slashes % 2 === 0) return at
  }
}

/** The text of a string in quotes; undefined when it is none, or was cut off. */
export function stringOf(arg: string | undefined): string | undefined {
  if (arg === undefined || arg.charCodeAt(0) !== 34) return undefined
  const end = endOfString(arg, 0)
  return end === arg.length - 1 ? unescaped(arg.slice(1, -1)) : undefined
}

/** The path behind a descriptor: `3</dir>`, `AT_FDCWD</cwd>`; undefined when it has none (a pipe, an older strace). */
export function descriptorPath(arg: string | undefined): string | undefined {
  const open = arg?.indexOf('<') ?? -1
  if (arg === undefined || open === -1 || arg.charCodeAt(open + 1) !== 47) return undefined
  const end = arg.lastIndexOf('>')
  return end > open ? unescaped(arg.slice(open + 1, end)).replace(/ \(deleted\)$/, '') : undefined
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8, e: 27 }

/** C's escapes, bytes in octal or hexadecimal; what they make is UTF-8. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  const bytes: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) !== 92) {
      bytes.push(text.charCodeAt(at))
      continue
    }
    const number = /^(?:([0-7]{1,3})|x([0-9a-f]{2}))/.exec(text.slice(at + 1, at + 4))
    if (number === null) {
      const next = text[++at] ?? '\\'
      bytes.push(ESCAPES[next] ?? next.charCodeAt(0))
    } else {
      bytes.push(number[1] === undefined ? Number.parseInt(number[2] ?? '', 16) : Number.parseInt(number[1], 8))
      at += number[0].length
    }
  }
  return Buffer.from(bytes).toString('utf8')
}
