/**
 * Starts commands by way of a small shell. To start a process Node forks itself, which takes 1 ms and 2 to 4 more for each
 * 100 MB that we hold, all of it in the only thread that decides; a bash of 4 MB that waits for orders forks in a tenth.
 *
 * Each command still leads a process group of its own (`set -m`), has the environment, folder and streams that it would
 * have had, and its own pair of pipes, so that their ends tell who still writes. Pipes cannot be handed over later: a forker
 * gets those of PAIRS commands at its start, and is replaced when they are used up.
 *
 *   F1. A command is given up to the plain way (./spawn.ts) only before it could have run: no bash 5, a
 *       variable that bash claims for itself, a program that is not there. So errors are those that the system tells Node.
 *   F2. A forker that is idle holds up nobody's exit, and ends with us: its orders come by a pipe.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants as osConstants } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { outside } from '../current.ts'
import { shared } from '../shared.ts'

export interface Order {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export type ForkedExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }

/** A command that runs. */
export interface Forked {
  readonly pid: number
  readonly stdout: Socket
  readonly stderr: Socket
  /** When the command itself has ended. */
  readonly exited: Promise<ForkedExit>
}

const PAIRS = 32
const FIRST_PIPE = 3
const STATUS_PIPE = FIRST_PIPE + 2 * PAIRS
/** What is longer may be longer than a command line may be: the system shall say so. */
const ORDER_CHARS_MAX = 100_000
/** Digits of the length that stands before an order. */
const LENGTH_DIGITS = 8
/** Commands of this process before it takes forkers: to make one costs as much as a few plain starts. */
const FORK_AFTER = 4
const IDLE_MS_MAX = 5_000
/** The system's own first: on macOS it is too old, so those of package managers stand before it. */
const SHELLS = [
  '/opt/homebrew/bin/bash',
  '/usr/local/bin/bash',
  '/run/current-system/sw/bin/bash',
  '/usr/bin/bash',
  '/bin/bash',
]

/**
 * Says `r` when it is ready, reads orders, and answers each: `p PID` when the command runs, `e CODE` when it has ended. Before
 * that bash itself says how on the same pipe (`[1]+  Exit 143`, `[1]+  Terminated`): a code alone does not tell a signal.
 * `wait` also answers for a command that was stopped, which is still there. (`wait -f` would not, but bash 5.2 may turn in it
 * for ever when the command has ended before.)
 */
const SCRIPT = `
(( BASH_VERSINFO[0] >= 5 )) || exit 1
set -m
exec ${STATUS_PIPE}>&1 2>&1 >/dev/null
__only() { exec ${Array.from({ length: 2 * PAIRS }, (_, index) => `${FIRST_PIPE + index}>&-`).join(' ')}; }
__job() {
  exec </dev/null >&$__out 2>&$__err
  __only
  eval "$__order"
}
trap '[[ -n $__pid ]] && kill -KILL -- -$__pid; exit' TERM
printf 'r 0\n' >&${STATUS_PIPE}
for (( __pair = 0; __pair < ${PAIRS}; __pair++ )); do
  __out=$(( ${FIRST_PIPE} + 2 * __pair )) __err=$(( ${FIRST_PIPE} + 2 * __pair + 1 ))
  IFS= read -r -N ${LENGTH_DIGITS} __length || exit
  IFS= read -r -N "$(( 10#$__length ))" __order || exit
  __job &
  __pid=$!
  printf 'p %s\n' $__pid >&${STATUS_PIPE}
  eval "exec $__out>&- $__err>&-"
  wait $__pid
  __code=$?
  while (( __code > 128 )) && kill -0 $__pid 2>/dev/null; do
    sleep 0.1
    wait $__pid
    __code=$?
  done
  printf 'e %s\n' $__code >&${STATUS_PIPE}
  __pid=
done
`

interface Forker {
  readonly left: number
  readonly baseEnv: Order['env']
  start(order: string): Promise<Forked | undefined>
  end(): void
}

interface Forkers {
  readonly idle: Map<Forker, NodeJS.Timeout>
  readonly pids: Set<number>
  forkAfter: number
  /** There is no bash that can do it. */
  missing: boolean
}

const forkers = shared<Forkers>('forkers', () => {
  const pids = new Set<number>()
  // Not as a group: it kills what it has started and we have not yet been told of.
  process.on('exit', () => {
    for (const pid of pids) stop(pid)
  })
  return { idle: new Map(), pids, forkAfter: FORK_AFTER, missing: false }
})

function stop(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // it has ended
  }
}

/** How many commands of this process are started the plain way first. */
export function setForkAfter(count: number): void {
  forkers.forkAfter = count
}

/** The command, running; undefined when it has to be started the plain way (F1). */
export async function fork(order: Order): Promise<Forked | undefined> {
  if (forkers.missing || isOfService(order) || forkers.forkAfter-- > 0 || !isThere(order)) return undefined
  const forker = takeIdle() ?? outside(() => newForker(order.env))
  if (forker === undefined) return undefined
  const text = orderText(order, forker.baseEnv)
  if (text === undefined) return void rest(forker)
  const forked = await forker.start(text)
  if (forked === undefined) forker.end()
  else void forked.exited.then(() => rest(forker))
  return forked
}

/** It goes on for ever, and a forker that waits for it is one process more to be left behind. */
const isOfService = ({ env }: Order): boolean => 'TUTTI_SERVICE' in env

function takeIdle(): Forker | undefined {
  for (const [forker, timer] of forkers.idle) {
    clearTimeout(timer)
    forkers.idle.delete(forker)
    return forker
  }
  return undefined
}

function rest(forker: Forker): void {
  if (forker.left === 0) return forker.end()
  const timer = setTimeout(() => {
    forkers.idle.delete(forker)
    forker.end()
  }, IDLE_MS_MAX)
  forkers.idle.set(forker, timer.unref())
}

/** Whether the program can be started: what bash would say of one that cannot is not what the system says. */
function isThere({ file, cwd, env }: Order): boolean {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) return false
  if (file.includes('/')) return isProgram(resolve(cwd, file))
  const path = (env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => resolve(cwd, folder, file))
    .find(isExecutable)
  return path !== undefined && isProgram(path)
}

function isExecutable(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** By path, size and time: programs rarely change, and their heads need not be read for each command. */
const programs = new Map<string, boolean>()

/** Executable, and with an interpreter that is there, if it names one. */
function isProgram(path: string): boolean {
  if (!isExecutable(path)) return false
  const { ino, size, mtimeMs } = statSync(path)
  const key = `${path}\0${ino}\0${size}\0${mtimeMs}`
  let known = programs.get(key)
  if (known === undefined) programs.set(key, (known = hasInterpreter(path)))
  return known
}

const HEAD_BYTES = 256

function hasInterpreter(path: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES)
  try {
    const file = openSync(path, 'r')
    readSync(file, head, 0, HEAD_BYTES, 0)
    closeSync(file)
  } catch {
    return false // may be run and not read: the plain way can
  }
  const text = head.toString('latin1')
  const interpreter = /^#![ \t]*([^\s\0]+)/.exec(text)?.[1]
  return interpreter === undefined ? BINARY.test(text) : isExecutable(interpreter)
}

/** ELF, and Mach-O in its four ways. What is neither that nor a script with an interpreter is left to the system. */
const BINARY = /^(\x7fELF|\xcf\xfa\xed\xfe|\xce\xfa\xed\xfe|\xca\xfe\xba\xbe|\xbe\xba\xfe\xca)/

/** Variables that bash sets itself, or that mean something to it. */
const CLAIMED =
  /^(__\w+|BASH\w*|SHELLOPTS|POSIXLY_CORRECT|E?UID|PPID|S?RANDOM|SECONDS|EPOCH\w*|LINENO|DIRSTACK|GROUPS|FUNCNAME|TMOUT|IFS|ENV)$/
/** Given with each order: bash has its own ideas about them. */
const TRACKED = ['PWD', 'OLDPWD', 'SHLVL', 'LANGUAGE']
const NAME = /^[A-Za-z_]\w*$/
/** Of one command: a forker, which starts others, must not look like it. */
const OWN = /^TUTTI_/

/** The order as a text for bash, in ASCII; undefined when bash cannot carry it out faithfully. */
function orderText({ file, args, cwd, env }: Order, baseEnv: Order['env']): string | undefined {
  const lines = [`cd -- ${quoted(cwd)}`]
  for (const name of new Set([...Object.keys(env), ...Object.keys(baseEnv), ...TRACKED])) {
    if (name === '_' || (env[name] === baseEnv[name] && !TRACKED.includes(name))) continue
    if (!NAME.test(name) || CLAIMED.test(name)) return undefined
    const value = name === 'SHLVL' ? oneMore(env[name]) : env[name]
    lines.push(value === undefined ? `unset ${name}` : `export ${name}=${quoted(value)}`)
  }
  lines.push(`exec -- ${[file, ...args].map(quoted).join(' ')} ${STATUS_PIPE}>&-`)
  const text = lines.join(' && ')
  return text.length > ORDER_CHARS_MAX || text.includes('\0') ? undefined : text
}

/** `exec` takes one from it. (Where there was none it leaves 0.) */
const oneMore = (depth: string | undefined): string | undefined =>
  depth === undefined || !/^\d{1,3}$/.test(depth) ? depth : String(Number(depth) + 1)

const quoted = (text: string): string =>
  isAscii(text)
    ? `'${text.replaceAll("'", `'\\''`)}'`
    : `$'${[...Buffer.from(text)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 126) return false
  return true
}

function newForker(env: Order['env']): Forker | undefined {
  const shell = SHELLS.find(path => isProgram(path))
  if (shell === undefined) {
    forkers.missing = true
    return undefined
  }
  const isOurs = (name: string) => NAME.test(name) && !CLAIMED.test(name) && !TRACKED.includes(name) && !OWN.test(name)
  const baseEnv = Object.fromEntries(Object.entries(env).filter(([name]) => isOurs(name)))
  const child = spawn(shell, ['--norc', '--noprofile', '-c', SCRIPT], {
    env: { ...baseEnv, LANGUAGE: 'en' },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', ...Array.from({ length: 2 * PAIRS }, () => 'pipe' as const)],
  })
  const [orders, status, , ...pipes] = child.stdio as unknown as readonly Socket[] // each is a pipe, as asked above
  if (orders === undefined || status === undefined) return undefined
  for (const stream of [orders, status, ...pipes]) stream?.unref().on('error', () => {})
  child.unref()
  const replies = newReplies(child, status)
  let used = 0
  return {
    baseEnv,
    get left() {
      return PAIRS - used
    },
    async start(order) {
      const [stdout, stderr] = pipes.slice(2 * used, 2 * used + 2)
      used += 1
      if (stdout === undefined || stderr === undefined) return undefined
      for (const stream of [status, stdout, stderr]) stream.ref()
      if ((await replies.ready) === 'failed') {
        forkers.missing = true
        return undefined
      }
      orders.write(`${String(order.length).padStart(LENGTH_DIGITS, '0')}${order}`)
      const { pid, exited } = await replies.ofNext()
      if (pid === undefined) return undefined
      void exited.then(() => status.unref())
      return { pid, stdout, stderr, exited }
    },
    end() {
      for (const stream of [orders, status, ...pipes.slice(2 * used)]) stream.destroy()
    },
  }
}

interface Replies {
  readonly ready: Promise<'ready' | 'failed'>
  /** Of the order that was just written. `pid`: undefined when the forker died before it had one. */
  ofNext(): Promise<{ readonly pid: number | undefined; readonly exited: Promise<ForkedExit> }>
}

function newReplies(child: ChildProcess, status: Socket): Replies {
  const { pid } = child
  if (pid !== undefined) forkers.pids.add(pid)
  let ready: (how: 'ready' | 'failed') => void = () => {}
  let started: (pid: number | undefined) => void = () => {}
  let exited: (exit: ForkedExit) => void = () => {}
  let partial = ''
  let said = ''
  const take = (reply: string) => {
    const [, kind, number] = /^([rpe]) (\d+)$/.exec(reply) ?? []
    if (kind === 'r') ready('ready')
    else if (kind === 'p') started(Number(number))
    else if (kind === 'e') exited(exitOf(Number(number), said))
    said = kind === undefined ? reply : ''
  }
  status.setEncoding('latin1').on('data', (text: string) => {
    const lines = (partial + text).split('\n')
    partial = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
  const gone = () => {
    if (pid !== undefined) forkers.pids.delete(pid)
    ready('failed')
    started(undefined)
    exited({ kind: 'killed', signal: 'SIGKILL' })
  }
  child.once('error', gone)
  status.once('close', gone)
  return {
    ready: new Promise(resolve => {
      ready = resolve
    }),
    async ofNext() {
      const exit = new Promise<ForkedExit>(resolve => {
        exited = resolve
      })
      const running = await new Promise<number | undefined>(resolve => {
        started = resolve
      })
      return { pid: running, exited: exit }
    },
  }
}

function exitOf(code: number, said: string): ForkedExit {
  if (code <= 128 || said === '' || /\s(Exit|Done)\b/.test(said)) return { kind: 'exited', code }
  const signal = Object.entries(osConstants.signals).find(([, number]) => number === code - 128)?.[0]
  return { kind: 'killed', signal: signal ?? 'SIGKILL' }
}
