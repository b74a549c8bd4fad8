/**
 * What a process did to files, as strace saw it: the calls that change what a disk holds, in the order in which they ended.
 * Only what SQLite and Node use on our files is understood.
 */
import { spawnSync } from 'node:child_process'

export type DiskCall =
  | {
      readonly kind: 'open'
      readonly path: string
      readonly fd: number
      readonly creates: boolean
      readonly empties: boolean
    }
  | { readonly kind: 'close' | 'sync'; readonly fd: number }
  /** `at` absent: behind what was written last. */
  | { readonly kind: 'write'; readonly fd: number; readonly bytes: Buffer; readonly at?: number }
  | { readonly kind: 'truncate'; readonly fd: number; readonly size: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove' | 'folder'; readonly path: string }

const CALLS =
  'open,openat,close,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat'

/** A call, by whom, and when it ended. */
export interface Traced {
  readonly call: DiskCall
  /** Of the calls of several processes: which. Descriptors are a process's own. */
  readonly process: number
  readonly endS: number
}

/** Before the command to be traced. `file`: where the trace goes. */
export const straceWords = (file: string): readonly string[] => [
  ...['-f', '-qq', '-ttt', '-T', '-xx', '-s', '16777216', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', file],
]

export function canTrace(): boolean {
  const { status } = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'])
  return status === 0
}

/** The calls of several processes, each traced for itself, in one order. */
export const mergeTraces = (texts: readonly string[]): readonly Traced[] =>
  texts.flatMap((text, process) => [...parseTrace(text, process)]).sort((a, b) => a.endS - b.endS)

function* parseTrace(text: string, process: number): Iterable<Traced> {
  const unfinished = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, pid = '', beginS = '', rest = ''] = /^(\d+) +(\d+\.\d+) +(.*)$/.exec(line) ?? []
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(pid, rest.slice(0, -'<unfinished ...>'.length).trimEnd())
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const whole = resumed ? `${unfinished.get(pid) ?? ''}${resumed[1]}` : rest
    const call = parseCall(whole)
    const lasted = resumed ? 0 : Number(/<(\d+\.\d+)>$/.exec(rest)?.[1] ?? 0)
    if (call) yield { call, process, endS: Number(beginS) + lasted }
  }
}

function parseCall(text: string): DiskCall | undefined {
  const [, name = '', inside = '', answer = ''] = /^(\w+)\((.*)\) += (-?\d+)/s.exec(text) ?? []
  const result = Number(answer)
  if (name === '' || result < 0) return undefined
  const strings = [...inside.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(match => bytesOf(match[1] ?? ''))
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = strings
  const numbers = inside
    .replaceAll(/"[^"]*"/g, '')
    .split(',')
    .map(part => Number(part.trim()))
  const [fd = -1] = numbers
  switch (name) {
    case 'open':
    case 'openat':
      return {
        kind: 'open',
        path: first.toString(),
        fd: result,
        creates: inside.includes('O_CREAT'),
        empties: inside.includes('O_TRUNC'),
      }
    case 'close':
      return { kind: 'close', fd }
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', fd }
    case 'write':
      return { kind: 'write', fd, bytes: first.subarray(0, result) }
    case 'pwrite64':
      return { kind: 'write', fd, bytes: first.subarray(0, result), at: numbers.at(-1) ?? 0 }
    case 'ftruncate':
      return { kind: 'truncate', fd, size: numbers[1] ?? 0 }
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return { kind: 'rename', from: first.toString(), to: second.toString() }
    case 'unlink':
    case 'unlinkat':
    case 'rmdir':
      return { kind: 'remove', path: first.toString() }
    case 'mkdir':
    case 'mkdirat':
      return { kind: 'folder', path: first.toString() }
    default:
      return undefined
  }
}

const bytesOf = (escaped: string): Buffer => Buffer.from(escaped.replaceAll('\\x', ''), 'hex')
