/** Reading what a workflow names outside of itself: files by glob, one file, an environment variable. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Source } from '../core/graph/graph.ts'
import { type Diagnostic, refuse } from '../util/diagnostic.ts'
import { unreachable } from '../util/unreachable.ts'
import { LocalFile, LocalFiles } from './handles.ts'
import { limit } from './limit.ts'
import { errorCode } from './paths.ts'
import { type Content, Stamps } from './stamps.ts'

/** Not looked into unless a glob names the folder itself: nobody means them by `**`. */
const IGNORED_FOLDERS = ['node_modules', '.git', '.tutti']

const turn = limit(16)
const stamps = new Stamps()

/**
 * The value of a source now, files with the hashes of their content. Refuses with SOURCE_MISSING and SOURCE_UNREADABLE;
 * globs that match nothing give no files and a warning SOURCE_EMPTY.
 */
export async function readSource(
  source: Source,
  cwd: string,
  warn: (warning: Diagnostic) => void = () => undefined,
): Promise<unknown> {
  switch (source.kind) {
    case 'files':
      return readFiles(source.globs, cwd, warn)
    case 'file':
      return new LocalFile(resolve(cwd, source.path), await hashSource(source.path, cwd))
    case 'env':
      return readEnv(source.name, source.default)
    case 'dir':
    case 'http':
    case 'time':
    case 'result':
    case 'function':
      return refuse('NOT_YET', `Sources of kind ${source.kind} cannot be read yet`)
    default:
      return unreachable(source)
  }
}

async function readFiles(
  globs: readonly string[],
  cwd: string,
  warn: (warning: Diagnostic) => void,
): Promise<LocalFiles> {
  // Loaded when it is first needed: most runs start without a glob, and starting is what a user waits for.
  const { glob } = await import('tinyglobby')
  const paths = await glob([...globs], { cwd, ignore: ignoredFor(globs), followSymbolicLinks: false, onlyFiles: true })
  // By code unit, not by locale: the same order on every machine.
  paths.sort()
  if (paths.length === 0)
    warn({
      code: 'SOURCE_EMPTY',
      severity: 'warning',
      message: `No file matches files(${globs.map(each => `'${each}'`).join(', ')}) in ${cwd}`,
    })
  const files = await Promise.all(paths.map(path => turn(async () => [path, await hashSource(path, cwd)] as const)))
  return new LocalFiles(cwd, files)
}

const ignoredFor = (globs: readonly string[]): string[] =>
  IGNORED_FOLDERS.filter(folder => !globs.some(each => each.split('/').includes(folder))).map(
    folder => `**/${folder}/**`,
  )

async function hashSource(path: string, cwd: string): Promise<Content> {
  const absolute = resolve(cwd, path)
  try {
    const stats = await stat(absolute)
    if (!stats.isFile())
      refuse('SOURCE_UNREADABLE', `The source ${path} is not a file`, { hint: `Use files('${path}/**') for a folder.` })
    return await stamps.hashOf(absolute)
  } catch (problem) {
    refuseSource(problem, path, cwd)
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

function readEnv(name: string, fallback: string | undefined): string {
  const value = process.env[name] ?? fallback
  if (value !== undefined) return value
  refuse('SOURCE_MISSING', `The environment variable ${name} is not set`, {
    hint: `Set it, or give a default: env('${name}', { default: … }).`,
  })
}
