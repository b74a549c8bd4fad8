/**
 * Looking at what a workflow names outside of itself: files by glob, one file, a folder, a variable, an address, the time, the
 * result of another workflow. A look gives the value, and what it hung on (./seen.ts).
 */
import { existsSync, type Stats, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Source } from '../core/graph/graph.ts'
import { type Diagnostic, refuse } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import { sha256 } from './digest.ts'
import { LocalFile, LocalFiles, LocalSourceDir } from './handles.ts'
import { fetchSource } from './http.ts'
import { slices } from './limit.ts'
import { errorCode, inside } from './paths.ts'
import { envHash, NOTHING_SEEN, type Seen, type SeenFile } from './seen.ts'
import { type Content, NOW_BYTES_MAX, Stamps } from './stamps.ts'
import { walk } from './walk.ts'

export interface Looking {
  readonly stamps: Stamps
  readonly warn: (warning: Diagnostic) => void
  readonly env: { readonly [name: string]: string | undefined }
  readonly now: () => number
  /** Of the last succeeded run of a workflow; absent: nobody knows of runs here. */
  readonly latestResult?: (workflow: string) => Promise<{ readonly value: unknown } | undefined>
  readonly signal?: AbortSignal
}

export interface Look {
  readonly value: unknown
  readonly seen: Seen
}

/** The value of a source now, and nothing else. */
export async function readSource(source: Source, cwd: string, looking: Partial<Looking> = {}): Promise<unknown> {
  return (await lookAt(source, cwd, looking)).value
}

/**
 * `cwd`: the folder of the run's file. Refuses with SOURCE_MISSING, SOURCE_UNREADABLE, SOURCE_CHANGING, SOURCE_LOOP and
 * SOURCE_UNREACHABLE; warns with SOURCE_EMPTY, SOURCE_OUTSIDE, SOURCE_LOOP and SOURCE_LINK_BROKEN.
 */
export async function lookAt(source: Source, cwd: string, given: Partial<Looking> = {}): Promise<Look> {
  const looking: Looking = { ...LOOKING, ...given, stamps: given.stamps ?? new Stamps() }
  switch (source.kind) {
    case 'files':
      return lookAtFiles(source, resolve(cwd, source.dir ?? ''), looking)
    case 'file':
      return lookAtFile(source.path, cwd, looking)
    case 'dir':
      return lookAtFolder(source.path, cwd, looking)
    case 'env':
      return lookAtEnv(source, looking)
    case 'http':
      return lookAtAddress(source, cwd, looking)
    case 'time':
      return lookAtTime(source.everyMs, looking)
    case 'result':
      return lookAtResult(source.workflow, looking)
    case 'function':
      throw new Error('defect: a function is called, not looked at')
    default:
      return unreachable(source)
  }
}

const LOOKING: Omit<Looking, 'stamps'> = { warn: () => undefined, env: process.env, now: Date.now }

type Of<K extends Source['kind']> = Extract<Source, { kind: K }>

async function lookAtFiles({ globs, ignore = 'none' }: Of<'files'>, cwd: string, looking: Looking): Promise<Look> {
  const { stamps, warn } = looking
  const walked = await walk({ what: { globs }, cwd, ignore, stamps, warn })
  const shown = `files(${globs.map(each => `'${each}'`).join(', ')})`
  const outside = walked.paths.find(path => path.startsWith('../') && isOutside(path, cwd))
  if (outside !== undefined) warnOutside(outside, looking)
  if (walked.paths.length === 0)
    warn({ code: 'SOURCE_EMPTY', severity: 'warning', message: `No file matches ${shown} in ${cwd}` })
  const hashed = await hashAll(walked.paths, cwd, stamps)
  const seen: SeenFile[] = walked.files.map(([path, hash]) => [path, hash])
  for (const { absolute, content } of hashed) seen.push([absolute, content.hash])
  return {
    value: new LocalFiles(
      cwd,
      hashed.map(({ path, content }) => [path, content]),
    ),
    seen: { ...NOTHING_SEEN, files: seen, folders: walked.folders, absent: walked.absent },
  }
}

function lookAtFile(path: string, cwd: string, looking: Looking): Promise<Look> {
  const absolute = resolve(cwd, path)
  if (isOutside(path, cwd)) warnOutside(path, looking)
  return refusing(path, cwd, async () => {
    const stats = statSync(absolute)
    if (!stats.isFile())
      refuse('SOURCE_UNREADABLE', `The source ${path} is not a file`, {
        hint: stats.isDirectory() ? `Use dir('${path}') or files('${path}/**') for a folder.` : 'Name a plain file.',
      })
    const source = await looking.stamps.hashOf(absolute, stats)
    return { value: new LocalFile(absolute, { source }), seen: { ...NOTHING_SEEN, files: [[absolute, source.hash]] } }
  })
}

/** Names, content and executable bits; links count as what they lead to. */
function lookAtFolder(path: string, cwd: string, looking: Looking): Promise<Look> {
  const { stamps, warn } = looking
  const absolute = resolve(cwd, path)
  if (isOutside(path, cwd)) warnOutside(path, looking)
  return refusing(path, cwd, async () => {
    if (!statSync(absolute).isDirectory())
      refuse('SOURCE_UNREADABLE', `The source ${path} is not a folder`, { hint: `Use file('${path}') for a file.` })
    const walked = await walk({ what: { folder: absolute }, cwd: absolute, stamps, warn })
    const hashed = await hashAll(walked.paths, absolute, stamps)
    const lines = [
      ...walked.entered.map(folder => `d ${folder}`),
      ...hashed.map(({ path: name, content, executable }) => `${executable ? 'x' : 'f'} ${content.hash} ${name}`),
    ]
    const sizeBytes = hashed.reduce((sum, { content }) => sum + content.sizeBytes, 0)
    const files = hashed.map(({ absolute: file, content, executable }): SeenFile => [file, content.hash, executable])
    return {
      value: new LocalSourceDir(absolute, { hash: sha256(lines.join('\0')), sizeBytes }),
      seen: { ...NOTHING_SEEN, files, folders: walked.folders, absent: walked.absent },
    }
  })
}

async function lookAtEnv({ name, default: fallback }: Of<'env'>, { env }: Looking): Promise<Look> {
  const value = env[name] ?? fallback
  if (value === undefined)
    refuse('SOURCE_MISSING', `The environment variable ${name} is not set`, {
      hint: `Set it, or give a default: env('${name}', '…').`,
    })
  return { value, seen: { ...NOTHING_SEEN, env: [[name, envHash(env[name])]] } }
}

async function lookAtAddress(source: Of<'http'>, cwd: string, looking: Looking): Promise<Look> {
  const { path, checkedAtMs } = await fetchSource(source, cwd, looking)
  const { everyMs } = source
  return {
    value: new LocalFile(path),
    seen: {
      ...NOTHING_SEEN,
      ...(everyMs === undefined
        ? { always: true }
        : { during: { fromMs: checkedAtMs, toMs: checkedAtMs + everyMs }, files: [[path, fileHash(path, looking)]] }),
    },
  }
}

const fileHash = (path: string, { stamps }: Looking): string => stamps.hashNow(path).hash

async function lookAtTime(everyMs: number, { now }: Looking): Promise<Look> {
  const fromMs = Math.floor(now() / everyMs) * everyMs
  return {
    value: new Date(fromMs).toISOString(),
    seen: { ...NOTHING_SEEN, during: { fromMs, toMs: fromMs + everyMs } },
  }
}

async function lookAtResult(workflow: string, { latestResult }: Looking): Promise<Look> {
  const found = await latestResult?.(workflow)
  if (found === undefined)
    refuse('SOURCE_MISSING', `No run of the workflow ${workflow} has succeeded in this store`, {
      hint: `Run it first: \`tutti run ${workflow}\`.`,
    })
  return { value: found.value, seen: { ...NOTHING_SEEN, always: true } }
}

interface Hashed {
  readonly path: string
  readonly absolute: string
  readonly content: Content
  readonly executable: boolean
}

/** What has gone since the folder was listed is left out: it is as if one had looked a little later. */
async function hashAll(paths: readonly string[], cwd: string, stamps: Stamps): Promise<readonly Hashed[]> {
  const rest = slices()
  const hashed: (Hashed | undefined | Promise<Hashed | undefined>)[] = []
  for (const path of paths) {
    const one = hashOne(path, cwd, stamps)
    // Awaited below, in order: the first refusal is the one that is told.
    if (one instanceof Promise) one.catch(() => undefined)
    hashed.push(one)
    const pause = rest()
    if (pause) await pause
  }
  return (await Promise.all(hashed)).filter(each => each !== undefined)
}

function hashOne(path: string, cwd: string, stamps: Stamps): Hashed | undefined | Promise<Hashed | undefined> {
  // Most paths lead inwards, and need no more than this.
  const absolute = path.startsWith('..') ? join(cwd, path) : `${cwd}/${path}`
  try {
    const stats = statSync(absolute)
    const executable = isExecutable(stats)
    if (stats.size <= NOW_BYTES_MAX) return { path, absolute, content: stamps.hashNow(absolute, stats), executable }
    return stamps.hashOf(absolute, stats).then(
      content => ({ path, absolute, content, executable }),
      problem => gone(problem, path, cwd),
    )
  } catch (problem) {
    return gone(problem, path, cwd)
  }
}

const isExecutable = (stats: Stats): boolean => (stats.mode & 0o100) !== 0

function gone(problem: unknown, path: string, cwd: string): undefined {
  const code = errorCode(problem)
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' ? undefined : refuseSource(problem, path, cwd)
}

async function refusing<T>(path: string, cwd: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (problem) {
    return refuseSource(problem, path, cwd)
  }
}

function refuseSource(problem: unknown, path: string, cwd: string): never {
  switch (errorCode(problem)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return refuse('SOURCE_MISSING', `The source ${path} does not exist in ${cwd}`, {
        hint: 'Check the name; paths start from the folder of the file with the workflow.',
      })
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
      return refuse('SOURCE_UNREADABLE', `The source ${path} cannot be read (${errorCode(problem)})`, {
        hint: 'Make the file and its folders readable.',
      })
    default:
      throw problem
  }
}

/** Neither in the project, nor in its repository, nor in another project of its own. */
function isOutside(path: string, cwd: string): boolean {
  const absolute = resolve(cwd, path)
  if (inside(cwd, absolute) !== undefined) return false
  const top = nearest(cwd, ['.git'])
  if (top !== undefined && inside(top, absolute) !== undefined) return false
  return nearest(dirname(absolute), PROJECT_FILES) === undefined
}

const PROJECT_FILES = ['tutti.ts', 'tutti.mts', 'tutti.js', 'tutti.mjs']

/** The innermost folder around (or the folder itself) that has something of such a name. */
function nearest(folder: string, names: readonly string[]): string | undefined {
  if (names.some(name => existsSync(join(folder, name)))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : nearest(parent, names)
}

function warnOutside(path: string, { warn }: Looking): void {
  warn({
    code: 'SOURCE_OUTSIDE',
    severity: 'warning',
    message: `The source ${path} lies outside of the project: elsewhere it is another one, or none`,
    hint: 'Keep it in the project or its repository.',
  })
}
