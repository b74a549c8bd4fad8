/**
 * Where the descriptors of a process lead, from its calls: to a file that it or its parent opened, or into a pipe. Told of
 * each program's standard streams, so that what a shell has redirected can be said again.
 */
import { type Call, descriptorPath } from './calls.ts'

export type Stream =
  /** `openedSeq`: the same for all that share one opening. */
  | { readonly kind: 'file'; readonly path: string; readonly openedSeq: number; readonly mode: StreamMode }
  | { readonly kind: 'pipe'; readonly pipe: string }

export type StreamMode = 'read' | 'write' | 'append' | 'update'

/** Of input, output and errors; undefined: as the first process had it. */
export type Streams = readonly [Stream | undefined, Stream | undefined, Stream | undefined]

/** By number; what the first process was given is in none. */
export type Descriptors = Map<number, Stream>

/** These are to be traced, too. */
export const DESCRIPTOR_CALLS = ['close', 'dup', 'dup2', 'dup3', 'fcntl', 'pipe', 'pipe2', 'write', 'writev']
/** As numbers: what was written is nobody's business. */
export const RAW_CALLS = ['write', 'writev']

/** The opening that a process wrote to by itself; undefined when a call is none of these, or went elsewhere. */
export function fedBy(table: Descriptors, { name, args }: Call): number | undefined {
  if (name !== 'write' && name !== 'writev') return undefined
  const stream = table.get(Number(args[0]))
  return stream?.kind === 'file' ? stream.openedSeq : undefined
}

export const streamsOf = (table: Descriptors): Streams => [table.get(0), table.get(1), table.get(2)]

/** Follows one call that has succeeded. */
export function follow(table: Descriptors, { name, args, result }: Call, seq: number): void {
  switch (name) {
    case 'open':
    case 'openat':
    case 'openat2':
    case 'creat': {
      const path = descriptorPath(result)
      const flags = name === 'creat' ? 'O_WRONLY|O_TRUNC' : (args[name === 'open' ? 1 : 2] ?? '')
      if (path !== undefined) table.set(numberOf(result), { kind: 'file', path, openedSeq: seq, mode: modeOf(flags) })
      return
    }
    case 'close':
      table.delete(numberOf(args[0]))
      return
    case 'dup':
      return copy(table, args[0], result)
    case 'dup2':
    case 'dup3':
      return copy(table, args[0], args[1])
    case 'fcntl':
      if (args[1]?.startsWith('F_DUPFD')) copy(table, args[0], result)
      return
    case 'pipe':
    case 'pipe2':
      for (const [, number, pipe] of (args[0] ?? '').matchAll(/(\d+)<(pipe:\[\d+\])>/g))
        if (pipe !== undefined) table.set(Number(number), { kind: 'pipe', pipe })
      return
  }
}

function copy(table: Descriptors, from: string | undefined, to: string | undefined): void {
  const stream = table.get(numberOf(from))
  if (stream === undefined) table.delete(numberOf(to))
  else table.set(numberOf(to), stream)
}

const numberOf = (text: string | undefined): number => Number.parseInt(text ?? '', 10)

function modeOf(flags: string): StreamMode {
  if (flags.includes('O_RDWR')) return 'update'
  if (!flags.includes('O_WRONLY')) return 'read'
  return flags.includes('O_APPEND') ? 'append' : 'write'
}
