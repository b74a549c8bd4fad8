/**
 * What processes did to files, from the system calls that strace has written down: who started whom, what each ran, read,
 * looked for in vain, and wrote, in order.
 *
 *   S3. Paths are absolute and clean: relative ones start at the folder in which their own process was, whatever others did.
 *   S4. What a process opened is told by the path that the system found, links followed, and by the path that it asked for.
 *   S5. A process that speaks before its parent has said that it started it is the parent's all the same.
 *
 * Not seen: what goes by io_uring, what another process does that was asked over a socket, and files that are handed over
 * open.
 */
import { createReadStream } from 'node:fs'
import { posix } from 'node:path'
import { createInterface } from 'node:readline'
import { type Call, callReader, descriptorPath, type Exit, splitArgs, stringOf } from './calls.ts'
import { type Descriptors, fedBy, follow, type Streams, streamsOf } from './descriptors.ts'

export interface Observed {
  /** In the order in which they started. The first is what was asked for. */
  readonly processes: readonly SeenProcess[]
  /** Lines that were not understood. */
  readonly unknownLines: number
  /** Whether the end of the first process was seen: if not, things are missing. */
  readonly isComplete: boolean
}

export interface SeenProcess {
  /** Its own: the system uses pids again. Also its place in `processes`, unless the log was cut. */
  readonly id: number
  readonly pid: number
  /** `id` of who started it. */
  readonly parent: number | undefined
  /** Where it was when it started. */
  readonly cwd: string
  readonly execs: readonly Exec[]
  /** In order; of one kind and path the first only, but for what changes a file. */
  readonly touches: readonly Touch[]
  /** Openings of files that it wrote to, each once for each program (`streams: 'seen'`). */
  readonly fed: readonly { readonly openedSeq: number; readonly seq: number }[]
  /** Absent: it was not seen to end. */
  readonly exit: Exit | undefined
  /** Places in the order of everything that all processes did. */
  readonly startSeq: number
  readonly endSeq: number | undefined
}

/** A program that a process turned into. */
export interface Exec {
  readonly seq: number
  readonly file: string
  readonly argv: readonly string[]
  readonly cwd: string
  /** When it was asked for (`env: 'seen'`). */
  readonly env: { readonly [name: string]: string } | undefined
  /** When that was asked for (`streams: 'seen'`). */
  readonly streams: Streams
}

export interface Touch {
  readonly kind: TouchKind
  readonly path: string
  readonly seq: number
  /** `read`: the path that was asked for, where links led from it to `path`. `rename`: where it was before. */
  readonly from?: string
}

export type TouchKind =
  /** Opened for reading, or run. */
  | 'read'
  /** It is there: its size or date was asked for, or it could not be made because of that. Known folders are left out. */
  | 'look'
  /** The names in a folder. */
  | 'list'
  /** It was not there. */
  | 'absent'
  /** Made anew. */
  | 'write'
  /** Opened for writing with what was in it, if anything was. */
  | 'update'
  | 'mkdir'
  | 'delete'
  | 'rename'

export interface ObserveOptions {
  /** Where the first process started. */
  readonly cwd: string
  /** Which paths are of interest; all when absent. Programs that were run are always told. */
  readonly keep?: (path: string) => boolean
}

/** Reads a whole log. Rejects only when the file cannot be read. */
export async function readLog(file: string, options: ObserveOptions): Promise<Observed> {
  const observer = observeCalls(options)
  const lines = createInterface({ input: createReadStream(file, { encoding: 'latin1', highWaterMark: 1 << 18 }) })
  for await (const line of lines) observer.line(line)
  return observer.end()
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type Process = Mutable<Omit<SeenProcess, 'execs' | 'touches' | 'fed'>> & {
  execs: Exec[]
  touches: Touch[]
  /** By path, the kinds that were told. */
  told: Map<string, number>
  readonly descriptors: Descriptors
  readonly fed: { readonly openedSeq: number; readonly seq: number }[]
}

/** A thread. Those of one process share it, and their folder. */
interface Thread {
  readonly process: Process
  folder: { cwd: string }
  /** A call that starts a process and has not come back; `child`: who is taken for what it started. */
  starting: { readonly text: string; child: number | undefined } | undefined
}

interface Held {
  readonly line: string
  readonly seq: number
}

/** So much is kept of a process whose parent is not known before somebody is taken for it. */
const HELD_LINES_MAX = 10_000

export interface Observer {
  /** One line of the log, without its end. */
  line(text: string): void
  /** What was seen since the last cut; the processes that still run go on. */
  cut(): Observed
  end(): Observed
}

export function observeCalls({ cwd, keep = () => true }: ObserveOptions): Observer {
  let processes: Process[] = []
  let ids = 0
  const threads = new Map<number, Thread>()
  const held = new Map<number, Held[]>()
  const interned = new Map<string, string>()
  const read = callReader()
  let seq = 0
  let unknownLines = 0

  const intern = (text: string): string => {
    const known = interned.get(text)
    if (known !== undefined) return known
    interned.set(text, text)
    return text
  }

  const newThread = (pid: number, parent: Thread | undefined, flags: string, startSeq: number): Thread => {
    const isThread = parent !== undefined && flags.includes('CLONE_THREAD')
    const folder =
      parent !== undefined && flags.includes('CLONE_FS') ? parent.folder : { cwd: parent?.folder.cwd ?? cwd }
    const process: Process = isThread
      ? parent.process
      : {
          id: ids++,
          pid,
          parent: parent?.process.id,
          cwd: folder.cwd,
          execs: [],
          touches: [],
          told: new Map(),
          descriptors: new Map(parent?.process.descriptors),
          fed: [],
          exit: undefined,
          startSeq,
          endSeq: undefined,
        }
    if (!isThread) processes.push(process)
    const thread: Thread = { process, folder, starting: undefined }
    threads.set(pid, thread)
    return thread
  }

  const tell = (process: Process, kind: TouchKind, path: string, from?: string): void => {
    if (isUnreal(path) || !(keep(path) || (from !== undefined && keep(from)))) return
    const bit = KIND_BITS[kind]
    const told = process.told.get(path) ?? 0
    if ((told & bit) !== 0 && !CHANGES.has(kind)) return
    const clean = intern(path)
    process.told.set(clean, told | bit)
    process.touches.push({
      kind,
      path: clean,
      seq,
      ...(from === undefined || from === path ? {} : { from: intern(from) }),
    })
  }

  const sights: Sights = { tell, seq: () => seq, intern }

  const noteFed = ({ descriptors, fed, execs }: Process, call: Call): void => {
    const openedSeq = fedBy(descriptors, call)
    const sinceSeq = execs.at(-1)?.seq ?? 0
    if (openedSeq === undefined || fed.some(each => each.openedSeq === openedSeq && each.seq > sinceSeq)) return
    fed.push({ openedSeq, seq })
  }

  /** Who alone can have started a process that nobody has told of yet. */
  const onlyStarter = (): Thread | undefined => {
    let only: Thread | undefined
    for (const thread of threads.values()) {
      if (thread.starting === undefined || thread.starting.child !== undefined) continue
      if (only !== undefined) return undefined
      only = thread
    }
    return only
  }

  const threadOf = (pid: number, line: string): Thread | undefined => {
    const known = threads.get(pid)
    if (known !== undefined) return known
    if (ids === 0) return newThread(pid, undefined, '', seq)
    const waiting = held.get(pid)
    const starter = waiting === undefined ? onlyStarter() : undefined
    if (starter?.starting !== undefined) {
      starter.starting.child = pid
      return newThread(pid, starter, starter.starting.text, seq)
    }
    if (waiting === undefined) held.set(pid, [{ line, seq }])
    else waiting.push({ line, seq })
    if ((waiting?.length ?? 0) >= HELD_LINES_MAX) release(pid, threads.values().next().value, '')
    return undefined
  }

  /** Lets a process that waited for its parent speak. */
  const release = (pid: number, parent: Thread | undefined, flags: string): void => {
    const lines = held.get(pid) ?? []
    held.delete(pid)
    newThread(pid, parent, flags, lines[0]?.seq ?? seq)
    const now = seq
    for (const each of lines) {
      seq = each.seq
      take(each.line)
    }
    seq = now
  }

  const started = (thread: Thread, call: Call): void => {
    const isTaken = thread.starting?.child !== undefined
    thread.starting = undefined
    const pid = childOf(call)
    if (pid === undefined || pid <= 0 || isTaken || threads.has(pid)) return
    release(pid, thread, call.args.join(' '))
  }

  const take = (line: string): void => {
    const said = read(line)
    switch (said.kind) {
      case 'nothing':
        return
      case 'unknown':
        unknownLines++
        return
      case 'begun': {
        const thread = threads.get(said.pid)
        if (thread && STARTERS.has(said.name)) thread.starting = { text: said.text, child: undefined }
        return
      }
      case 'superseded':
        threads.delete(said.by)
        return
      case 'ended': {
        const thread = threads.get(said.pid)
        threads.delete(said.pid)
        if (thread === undefined || thread.process.pid !== said.pid) return
        thread.process.exit = said.exit
        thread.process.endSeq = seq
        return
      }
      case 'call': {
        const thread = threads.get(said.pid)
        if (thread === undefined) return
        if (succeeded(said.call)) {
          follow(thread.process.descriptors, said.call, seq)
          noteFed(thread.process, said.call)
        }
        if (STARTERS.has(said.call.name)) started(thread, said.call)
        else if (!perform(thread, said.call, sights)) unknownLines++
        return
      }
    }
  }

  const observed = (): Observed => ({
    processes: processes.map(({ told: _, descriptors: _table, ...process }) => process),
    unknownLines,
    isComplete: processes[0]?.exit !== undefined,
  })

  return {
    line: text => {
      seq++
      const pid = Number.parseInt(text, 10)
      if (Number.isNaN(pid)) {
        if (text !== '') unknownLines++
      } else if (threadOf(pid, text) !== undefined) take(text)
    },
    cut: () => {
      const seen = observed()
      unknownLines = 0
      processes = processes.filter(({ exit }) => exit === undefined)
      for (const process of processes) Object.assign(process, { execs: [], touches: [], told: new Map() })
      interned.clear()
      return seen
    },
    end: () => {
      for (const pid of [...held.keys()]) release(pid, undefined, '')
      return observed()
    },
  }
}

const STARTERS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork'])
/** Told each time: the order counts. */
const CHANGES: ReadonlySet<TouchKind> = new Set<TouchKind>(['write', 'update', 'mkdir', 'delete', 'rename'])
const KIND_BITS: Readonly<Record<TouchKind, number>> = {
  read: 1,
  look: 2,
  list: 4,
  absent: 8,
  write: 16,
  update: 32,
  mkdir: 64,
  delete: 128,
  rename: 256,
}

// In a namespace of its own a process has two numbers: 2, and in a comment `4711 in strace's PID NS`.
function childOf({ result }: Call): number | undefined {
  const pid = Number.parseInt(/\/\* (\d+) in strace/.exec(result)?.[1] ?? result, 10)
  return Number.isNaN(pid) ? undefined : pid
}

const isUnreal = (path: string): boolean =>
  path.startsWith('/proc/') || path.startsWith('/dev/') || path.startsWith('/sys/') || path === '/proc'

interface Sights {
  tell(process: Process, kind: TouchKind, path: string, from?: string): void
  seq(): number
  intern(text: string): string
}

/** What a call did. False when it could not be understood. */
function perform(thread: Thread, call: Call, sights: Sights): boolean {
  const { name, args } = call
  switch (name) {
    case 'open':
      return opened(thread, call, sights, pathOf(thread, undefined, args[0]), args[1] ?? '')
    case 'creat':
      return opened(thread, call, sights, pathOf(thread, undefined, args[0]), 'O_WRONLY|O_CREAT|O_TRUNC')
    case 'openat':
    case 'openat2':
      return opened(thread, call, sights, pathOf(thread, args[0], args[1]), args[2] ?? '')
    case 'stat':
    case 'lstat':
    case 'access':
    case 'readlink':
      return looked(thread, call, sights, pathOf(thread, undefined, args[0]))
    case 'newfstatat':
    case 'fstatat64':
    case 'statx':
    case 'faccessat':
    case 'faccessat2':
    case 'readlinkat':
      return looked(thread, call, sights, pathOf(thread, args[0], args[1]))
    case 'getdents':
    case 'getdents64':
      return listed(thread, call, sights)
    case 'execve':
      return executed(thread, call, sights, pathOf(thread, undefined, args[0]), args.slice(1))
    case 'execveat':
      return executed(thread, call, sights, pathOf(thread, args[0], args[1]), args.slice(2))
    case 'chdir':
      return moved(thread, call, sights, pathOf(thread, undefined, args[0]))
    case 'fchdir':
      return moved(thread, call, sights, { kind: 'path', path: descriptorPath(args[0]) ?? thread.folder.cwd })
    case 'getcwd': {
      const real = stringOf(args[0])
      if (succeeded(call) && real?.startsWith('/')) thread.folder.cwd = real
      return true
    }
    case 'mkdir':
      return changed(thread, call, sights, 'mkdir', pathOf(thread, undefined, args[0]))
    case 'mkdirat':
      return changed(thread, call, sights, 'mkdir', pathOf(thread, args[0], args[1]))
    case 'rmdir':
    case 'unlink':
      return changed(thread, call, sights, 'delete', pathOf(thread, undefined, args[0]))
    case 'unlinkat':
      return changed(thread, call, sights, 'delete', pathOf(thread, args[0], args[1]))
    case 'chmod':
    case 'truncate':
      return changed(thread, call, sights, 'update', pathOf(thread, undefined, args[0]))
    case 'fchmodat':
      return changed(thread, call, sights, 'update', pathOf(thread, args[0], args[1]))
    case 'symlink':
      return changed(thread, call, sights, 'write', pathOf(thread, undefined, args[1]))
    case 'symlinkat':
      return changed(thread, call, sights, 'write', pathOf(thread, args[1], args[2]))
    case 'rename':
      return renamed(thread, call, sights, pathOf(thread, undefined, args[0]), pathOf(thread, undefined, args[1]))
    case 'renameat':
    case 'renameat2':
      return renamed(thread, call, sights, pathOf(thread, args[0], args[1]), pathOf(thread, args[2], args[3]))
    case 'link':
      return linked(thread, call, sights, pathOf(thread, undefined, args[0]), pathOf(thread, undefined, args[1]))
    case 'linkat':
      return linked(thread, call, sights, pathOf(thread, args[0], args[1]), pathOf(thread, args[2], args[3]))
    default:
      return true
  }
}

type Found =
  | { readonly kind: 'path'; readonly path: string }
  /** The descriptor itself (`""`), or no pointer: nothing new. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown' }

function pathOf(thread: Thread, folder: string | undefined, arg: string | undefined): Found {
  if (arg === undefined) return { kind: 'unknown' }
  if (arg === '""' || arg === 'NULL') return { kind: 'none' }
  const path = stringOf(arg)
  // A pointer that leads nowhere is written as a number: the call has failed.
  if (path === undefined) return arg.startsWith('0x') ? { kind: 'none' } : { kind: 'unknown' }
  const isHere = folder === undefined || folder.startsWith('AT_FDCWD')
  const base = folder === undefined ? undefined : descriptorPath(folder)
  if (isHere && base !== undefined) thread.folder.cwd = base
  if (path.startsWith('/')) return { kind: 'path', path: cleanPath(path) }
  if (isHere) return { kind: 'path', path: cleanPath(`${thread.folder.cwd}/${path}`) }
  return base === undefined ? { kind: 'unknown' } : { kind: 'path', path: cleanPath(`${base}/${path}`) }
}

function cleanPath(path: string): string {
  if (!path.includes('//') && !path.includes('/.') && !path.endsWith('/')) return path
  const clean = posix.normalize(path)
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean
}

const succeeded = ({ result }: Call): boolean => !result.startsWith('-') && !result.startsWith('?')
const ABSENT = /^-1 (?:ENOENT|ENOTDIR)/
const isAbsent = ({ result }: Call): boolean => ABSENT.test(result)
/** It exists, though the call did not do what was asked. */
const IS_THERE = /^-1 (?:EEXIST|EINVAL|EACCES|EISDIR|ENOEXEC|ETXTBSY)/

function opened({ process }: Thread, call: Call, { tell }: Sights, found: Found, flags: string): boolean {
  if (found.kind !== 'path') return found.kind === 'none'
  if (isAbsent(call)) tell(process, 'absent', found.path)
  else if (IS_THERE.test(call.result)) tell(process, 'look', found.path)
  if (!succeeded(call)) return true
  // A file without a name gets one by link.
  if (flags.includes('O_TMPFILE')) return true
  tell(process, kindOfOpen(flags), descriptorPath(call.result) ?? found.path, found.path)
  return true
}

function kindOfOpen(flags: string): TouchKind {
  if (flags.includes('O_PATH') || flags.includes('O_DIRECTORY')) return 'look'
  if (!flags.includes('O_WRONLY') && !flags.includes('O_RDWR')) return 'read'
  return flags.includes('O_TRUNC') || flags.includes('O_EXCL') ? 'write' : 'update'
}

function looked({ process }: Thread, call: Call, { tell }: Sights, found: Found): boolean {
  if (found.kind !== 'path') return found.kind === 'none'
  if (isAbsent(call)) tell(process, 'absent', found.path)
  else if (IS_THERE.test(call.result)) tell(process, 'look', found.path)
  // Of a folder there is nothing to know but its names, and those are listed.
  else if (succeeded(call) && !call.args.some(arg => arg.includes('mode=S_IFDIR'))) tell(process, 'look', found.path)
  return true
}

function listed({ process }: Thread, call: Call, { tell }: Sights): boolean {
  const path = descriptorPath(call.args[0])
  if (path !== undefined && succeeded(call)) tell(process, 'list', path)
  return true
}

function executed(thread: Thread, call: Call, sights: Sights, found: Found, args: readonly string[]): boolean {
  if (found.kind !== 'path') return found.kind === 'none'
  const { process, folder } = thread
  if (isAbsent(call)) sights.tell(process, 'absent', found.path)
  else if (IS_THERE.test(call.result)) sights.tell(process, 'look', found.path)
  if (!succeeded(call)) return true
  process.execs.push({
    seq: sights.seq(),
    file: sights.intern(found.path),
    argv: listOf(args[0]),
    cwd: sights.intern(folder.cwd),
    env: args[1]?.startsWith('[') ? recordOf(listOf(args[1])) : undefined,
    streams: streamsOf(process.descriptors),
  })
  sights.tell(process, 'read', found.path)
  return true
}

/** `["a", "b"]`. */
function listOf(arg: string | undefined): readonly string[] {
  if (!arg?.startsWith('[')) return []
  const items: string[] = []
  splitArgs(arg, 1, items)
  return items.flatMap(item => stringOf(item) ?? [])
}

const recordOf = (env: readonly string[]): { readonly [name: string]: string } =>
  Object.fromEntries(env.map(each => [each.split('=', 1)[0] ?? '', each.slice(each.indexOf('=') + 1)]))

function moved({ process, folder }: Thread, call: Call, { tell }: Sights, found: Found): boolean {
  if (found.kind !== 'path') return found.kind === 'none'
  if (isAbsent(call)) tell(process, 'absent', found.path)
  if (succeeded(call)) folder.cwd = found.path
  return true
}

function changed({ process }: Thread, call: Call, { tell }: Sights, kind: TouchKind, found: Found): boolean {
  if (found.kind !== 'path') return found.kind === 'none'
  if (succeeded(call)) tell(process, kind, found.path)
  else if (call.result.startsWith('-1 EEXIST')) tell(process, 'look', found.path)
  return true
}

function renamed({ process }: Thread, call: Call, { tell }: Sights, from: Found, to: Found): boolean {
  if (from.kind !== 'path' || to.kind !== 'path') return from.kind !== 'unknown' && to.kind !== 'unknown'
  if (!succeeded(call)) return true
  if (call.args.at(-1)?.includes('RENAME_EXCHANGE')) {
    tell(process, 'update', from.path)
    tell(process, 'update', to.path)
  } else tell(process, 'rename', to.path, from.path)
  return true
}

function linked({ process }: Thread, call: Call, { tell }: Sights, from: Found, to: Found): boolean {
  if (to.kind !== 'path') return to.kind === 'none'
  if (!succeeded(call)) return true
  if (from.kind === 'path') tell(process, 'read', from.path)
  tell(process, 'write', to.path)
  return true
}
