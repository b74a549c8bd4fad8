/**
 * strace: whether it is here and may watch, and how a command is run under it. Debian's package; Linux only.
 *
 * The tracer stands beside the command and not above it (`-D`): the command keeps its number, its exit code and its signal,
 * and whoever waits for it is not kept by what it has left in the background. The log is whole when the tracer has ended,
 * shortly after the last of the command's processes; it is of the command's process group, so whoever waits for the end of
 * the group has it.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import type { Diagnostic } from '../util/diagnostic.ts'
import { DESCRIPTOR_CALLS, RAW_CALLS } from './descriptors.ts'

export type Sight =
  | { readonly kind: 'ready'; readonly tracer: Tracer }
  /** SIGHT_MISSING, SIGHT_FORBIDDEN, SIGHT_UNSUPPORTED, SIGHT_FAILED. */
  | { readonly kind: 'blocked'; readonly problem: Diagnostic }

export interface Tracer {
  readonly file: string
  readonly args: readonly string[]
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: { readonly [name: string]: string | undefined }
}

export interface TraceOptions {
  /** Where the log is written. */
  readonly log: string
  /** `seen`: the environment of every program is written down. It may hold secrets: the log must not be kept. */
  readonly env?: 'seen'
  /** `unseen`: the arguments of programs are not written down. */
  readonly argv?: 'unseen'
  /** `seen`: where the standard streams of every program lead. */
  readonly streams?: 'seen'
}

/**
 * `?`: not every system has it. Calls on open files are left out but for folders': what was opened is known. So is `readlink`:
 * compilers ask it of every folder on the way to each file, which was more than half of all calls and of the time.
 */
const CALLS = [
  ...['open', 'openat', 'openat2', 'creat', 'stat', 'lstat', 'newfstatat', 'fstatat64', 'statx'],
  ...['access', 'faccessat', 'faccessat2', 'getdents', 'getdents64'],
  ...['execve', 'execveat', 'clone', 'clone3', 'fork', 'vfork', 'chdir', 'fchdir', 'getcwd'],
  ...['mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2'],
  ...['link', 'linkat', 'symlink', 'symlinkat', 'chmod', 'fchmodat', 'truncate'],
]
  .map(call => `?${call}`)
  .join(',')

/** The longest argument that Linux takes (MAX_ARG_STRLEN). */
const STRING_CHARS = 131_072
/** Signals that end a process are told with its end; these never do, and there are many of them. */
const SIGNALS = 'signal=!CHLD,URG,WINCH,CONT'
/** libuv may read files by io_uring, which no tracer sees. */
const NO_IO_URING = ['-E', 'UV_USE_IO_URING=0']
const FLAGS = [
  ...NO_IO_URING,
  '-D',
  '-f',
  '-q',
  '-y',
  '-s',
  String(STRING_CHARS),
  '-e',
  SIGNALS,
  '-e',
  `trace=${CALLS}`,
]
/** Stops processes at the calls above only: about twice as fast. */
const FAST = '--seccomp-bpf'

const known = new Map<string, Promise<Sight>>()

/** Looks for strace on `path`, and tries it on a command that does nothing; once in a process for each `path`. */
export function findSight(path: string | undefined = process.env['PATH']): Promise<Sight> {
  const found = known.get(path ?? '') ?? look(path)
  known.set(path ?? '', found)
  return found
}

async function look(path: string | undefined): Promise<Sight> {
  if (process.platform !== 'linux')
    return blocked(
      'SIGHT_UNSUPPORTED',
      `What a command reads can be seen on Linux only, and this is ${process.platform}`,
      {
        hint: 'Declare what is read as arguments, or use inputs: { depfile }.',
      },
    )
  const file = findProgram('strace', { path, cwd: '/' })
  if (file === undefined)
    return blocked('SIGHT_MISSING', 'What a command reads cannot be seen: there is no strace on the PATH', {
      hint: 'Install it: apt-get install strace.',
    })
  const fast = await tried(file, [FAST, ...FLAGS])
  if (fast === undefined) return { kind: 'ready', tracer: { file, args: [FAST, ...FLAGS] } }
  const plain = await tried(file, FLAGS)
  if (plain === undefined) return { kind: 'ready', tracer: { file, args: FLAGS } }
  return /not permitted|denied/i.test(plain)
    ? blocked('SIGHT_FORBIDDEN', 'What a command reads cannot be seen: strace may not watch processes here', {
        hint: 'In a container: docker run --cap-add SYS_PTRACE. Else look at /proc/sys/kernel/yama/ptrace_scope.',
      })
    : blocked('SIGHT_FAILED', `What a command reads cannot be seen: strace failed: ${plain.split('\n')[0] ?? ''}`, {
        hint: 'Try `strace -D -f -y true`; version 5.3 or newer is needed.',
      })
}

const blocked = (code: string, message: string, { hint }: { readonly hint: string }): Sight => ({
  kind: 'blocked',
  problem: { code, severity: 'error', message, hint },
})

const TRY_MS = 10_000

/** What strace said against it; undefined when it works. */
function tried(file: string, flags: readonly string[]): Promise<string | undefined> {
  return new Promise(done => {
    const child = spawn(file, [...flags, '-o', '/dev/null', '--', '/bin/sh', '-c', ':'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: TRY_MS,
    })
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => {
      said += String(bytes)
    })
    child.once('error', error => done(error.message))
    child.once('close', (code, signal) =>
      done(said !== '' ? said : code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`),
    )
  })
}

/** The same command, watched. As it is when its program is not there: then the failure is its own. */
export function traced<C extends Command>({ file: strace, args: flags }: Tracer, command: C, options: TraceOptions): C {
  const { file, args, cwd, env } = command
  if (findProgram(file, { path: env['PATH'], cwd }) === undefined) return command
  const seen = [
    ...(options.argv === 'unseen' ? ['-s', '0'] : []),
    ...(options.env === 'seen' ? ['-e', 'abbrev=!execve,execveat'] : []),
    ...(options.streams === 'seen'
      ? [
          ...['-e', `trace=${CALLS},${DESCRIPTOR_CALLS.map(call => `?${call}`).join(',')}`],
          ...['-e', `raw=${RAW_CALLS.join(',')}`],
        ]
      : []),
  ]
  return {
    ...command,
    file: strace,
    args: [...flags, ...seen, '-o', options.log, '--', file, ...args],
  }
}

function findProgram(
  name: string,
  { path, cwd }: { readonly path: string | undefined; readonly cwd: string },
): string | undefined {
  const places = name.includes('/') ? [''] : (path ?? '').split(delimiter)
  return places.map(place => resolve(cwd, place, name)).find(isProgram)
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
