/**
 * From a user's file to a bundle: reads it and every local module that it reaches, instruments them, runs nothing.
 * All problems of all modules are reported together, ordered by place.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, relative, resolve, sep } from 'node:path'
import type { Diagnostic, Position } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { err, ok, type Result } from '../util/result.ts'
import {
  createPositions,
  type Bundle,
  type BundledModule,
  isMade,
  type NativeModule,
  type ScriptModule,
  type Target,
} from './bundle.ts'
import { exportNames } from './exports.ts'
import { lineStarts, placeOf } from './instrument/lines.ts'
import { filesHash, keptFiles, requiredFiles } from './native.ts'
import { nearestName } from '../util/nearest.ts'
import { resolveSpecifier, type Resolved, type Unresolved } from './resolve.ts'
import { dialectOf, type ModuleCache, readScript } from './script.ts'

export interface Built {
  readonly bundle: Bundle
  /** Absolute paths of all local files that the bundle was made of: where a change makes a new one. */
  readonly files: readonly string[]
  /** Absolute paths of what is not there, and would make another bundle if it were. */
  readonly absent: readonly string[]
}

export interface BuildOptions {
  /** Keeps what a module's text became: with every module known, nothing is parsed and no parser is loaded. */
  readonly cache?: ModuleCache
  /** `file` is of another language: a module that stands before it, and that the bundle begins with. */
  readonly entry?: MadeEntry
}

/** A module that is on no disk: it is beside `file`, and what it imports is given to it by name, or found from there. */
export interface MadeEntry {
  readonly source: string
  /** Absolute files by the specifiers that mean them; `text`: as they are, whatever they are. */
  readonly given: { readonly [specifier: string]: { readonly file: string; readonly as: 'module' | 'text' } }
  /** Absolute paths of files that were looked for first. */
  readonly absent?: readonly string[]
}

const ACCEPTED =
  'A file that Tutti loads ends in .ts, .mts, .js or .mjs; for another language say --lang PACKAGE or --lang FILE.'

interface Importer {
  readonly at?: Position
}

/**
 * The bundle of `file` (absolute, or relative to the working folder), or all that is wrong with it.
 * With a cache, known modules are not parsed again. Positions name modules relative to the folder of `file`.
 */
export async function buildBundle(
  file: string,
  options: BuildOptions = {},
): Promise<Result<Built, readonly Diagnostic[]>> {
  const { entry: made } = options
  const asked = resolve(file)
  const refusal = checkEntry(asked, file, made ? 'any' : 'module')
  if (refusal) return err([refusal])
  const entry = made ? `${asked}${MADE}` : asked
  const root = dirname(entry)
  const modules = new Map<string, BundledModule>()
  const diagnostics: Diagnostic[] = []
  const queue: [file: string, importer: Importer][] = [[entry, {}]]
  const seen = new Set([entry])
  const texts = textsOf(made)

  for (let next = queue.shift(); next; next = queue.shift()) {
    const [path, importer] = next
    const read =
      made && path === entry
        ? await readMade(pathIn(root, path), made, options.cache)
        : await readModule(
            path,
            pathIn(root, path),
            { ...importer, as: texts.has(path) ? 'text' : 'module' },
            options.cache,
          )
    if (!read.ok) {
      diagnostics.push(...read.error)
      continue
    }
    if (read.value.kind === 'native') {
      const required = requiredFiles(path)
      for (const each of required) seen.add(each)
      modules.set(pathIn(root, path), withReach(read.value, path, required))
      continue
    }
    if (read.value.kind === 'json' || read.value.kind === 'text') {
      modules.set(pathIn(root, path), read.value)
      continue
    }
    const given = isMade(read.value) ? made?.given : undefined
    const { targets, problems } = await resolveTargets(read.value, path, { root, given }, (local, at) => {
      if (!seen.has(local)) queue.push([local, given ? {} : { at }])
      seen.add(local)
    })
    // A place in what nobody has written helps nobody.
    diagnostics.push(...(given ? problems.map(({ at: _, ...each }) => each) : problems))
    modules.set(pathIn(root, path), { ...read.value, targets })
  }

  const bundle: Bundle = { version: 1, entry: pathIn(root, entry), modules: Object.fromEntries(modules) }
  if (diagnostics.length === 0) diagnostics.push(...checkExports(bundle))
  const files = made ? [...seen].filter(path => path !== entry) : [...seen]
  return diagnostics.length > 0 ? err(ordered(diagnostics)) : ok({ bundle, files, absent: made?.absent ?? [] })
}

/** What a made module is called, after the file that it stands before. */
const MADE = '.tutti.mjs'

const textsOf = (made: MadeEntry | undefined): ReadonlySet<string> =>
  new Set(Object.values(made?.given ?? {}).flatMap(({ file, as }) => (as === 'text' ? [file] : [])))

async function readMade(
  path: string,
  { source }: MadeEntry,
  cache: ModuleCache | undefined,
): Promise<Result<BundledModule, readonly Diagnostic[]>> {
  const read = await readScript(path, source, 'js', cache)
  return read.ok && read.value.kind === 'script' ? ok({ ...read.value, made: true }) : read
}

function checkEntry(file: string, given: string, what: 'any' | 'module'): Diagnostic | undefined {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) {
    const similar = nearestName(basename(file), siblings(file))
    return problem(
      'FILE_NOT_FOUND',
      `There is no file ${given}`,
      similar ? `Did you mean ${similar}?` : 'Write one with `tutti init`, or give the path of your file.',
    )
  }
  if (!stat.isFile())
    return problem(
      'NOT_A_FILE',
      `${given} is ${stat.isDirectory() ? 'a folder' : 'not a regular file'}`,
      `Give the file itself, such as ${given.replace(/\/$/, '')}/tutti.ts.`,
    )
  return what === 'any' || dialectOf(file) || extname(file) === '.cjs'
    ? undefined
    : problem('NOT_TYPESCRIPT', `${given} is not a TypeScript or JavaScript module`, ACCEPTED)
}

async function readModule(
  file: string,
  path: string,
  importer: Importer & { readonly as: 'module' | 'text' },
  cache: ModuleCache | undefined,
): Promise<Result<BundledModule, readonly Diagnostic[]>> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    return err([
      problem(
        'FILE_UNREADABLE',
        `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        'Check the permissions of the file.',
        importer.at,
      ),
    ])
  }
  if (importer.as === 'text') {
    const source = decode(bytes)
    return source === undefined
      ? err([problem('FILE_NOT_TEXT', `${path} is no text in UTF-8`, 'Save it as UTF-8.')])
      : ok({ kind: 'text', source })
  }
  const extension = extname(file)
  if (extension === '.cjs' || extension === '.node') return ok({ kind: 'native', hash: hash(bytes) })
  const source = decode(bytes)
  if (extension === '.json' && source !== undefined) return readJson(source, path)
  const dialect = dialectOf(file)
  if (!dialect || source === undefined)
    return err([problem('NOT_TYPESCRIPT', `${path} is not a TypeScript or JavaScript module`, ACCEPTED, importer.at)])
  return readScript(path, source, dialect, cache)
}

/** What Node loads itself, with all that it requires: kept, so that it can be had again. */
const withReach = (module: NativeModule, file: string, required: readonly string[]): NativeModule => {
  const files = keptFiles(dirname(file), required)
  return {
    ...module,
    ...(required.length > 1 ? { reach: filesHash(dirname(file), required) } : {}),
    ...(files ? { files } : {}),
  }
}

/** SHA-256 as everywhere, by the machine's own implementation: this runs before the first step does. */
const hash = (content: Uint8Array): Hash => createHash('sha256').update(content).digest('hex')

function readJson(source: string, path: string): Result<BundledModule, readonly Diagnostic[]> {
  try {
    JSON.parse(source)
    return ok({ kind: 'json', source })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return err([
      problem('SYNTAX_ERROR', `${path} is not JSON: ${message}`, 'Correct the JSON here.', {
        file: path,
        ...placeOf(lineStarts(source), jsonErrorOffset(source)),
      }),
    ])
  }
}

/** The parser tells no position for most errors: this looks for the shortest beginning that more text could not repair. */
function jsonErrorOffset(source: string): number {
  let low = 0
  let high = source.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (couldGoOn(source.slice(0, middle))) low = middle
    else high = middle - 1
  }
  return low
}

function couldGoOn(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    return (
      message.includes('end of JSON') ||
      message.includes('Unterminated string') ||
      message.includes(`position ${text.length}`)
    )
  }
}

/** Text without its byte order mark; `undefined` for what is no UTF-8 text. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

async function resolveTargets(
  module: ScriptModule,
  file: string,
  { root, given = {} }: { readonly root: string; readonly given: MadeEntry['given'] | undefined },
  onLocal: (file: string, at: Position) => void,
): Promise<{ readonly targets: Record<string, Target>; readonly problems: readonly Diagnostic[] }> {
  const targets: Record<string, Target> = {}
  const problems: Diagnostic[] = []
  const positionOf = createPositions(pathIn(root, file), module)
  for (const { specifier, offset } of [...module.links.imports, ...module.links.dynamic]) {
    if (targets[specifier]) continue
    const at = positionOf(offset)
    const meant = given[specifier]
    if (meant) {
      targets[specifier] = {
        kind: 'local',
        path: pathIn(root, meant.file),
        ...(meant.as === 'text' ? { as: 'text' } : {}),
      }
      onLocal(meant.file, at)
      continue
    }
    const resolved = await resolveSpecifier(specifier, file)
    if (!resolved.ok) {
      problems.push(unresolvedProblem(specifier, resolved.error, at))
      continue
    }
    targets[specifier] = targetOf(resolved.value, root)
    if (resolved.value.kind === 'local') onLocal(resolved.value.file, at)
  }
  return { targets, problems }
}

function targetOf(resolved: Resolved, root: string): Target {
  switch (resolved.kind) {
    case 'local':
      return { kind: 'local', path: pathIn(root, resolved.file) }
    case 'package':
      return {
        kind: 'package',
        name: resolved.name,
        version: resolved.version,
        path: pathIn(root, resolved.file),
        ...(resolved.content ? { content: resolved.content } : {}),
      }
    case 'builtin':
    case 'tutti':
      return resolved
  }
}

function unresolvedProblem(specifier: string, why: Unresolved, at: Position): Diagnostic {
  switch (why.kind) {
    case 'no file': {
      const similar = nearestName(basename(why.file), siblings(why.file))
      const suggestion = similar && specifier.replace(/[^/]*$/, similar)
      return problem(
        'MODULE_NOT_FOUND',
        `There is no file '${specifier}'`,
        suggestion ? `Did you mean '${suggestion}'?` : 'Correct the path; it is relative to this file.',
        at,
      )
    }
    case 'no package':
      return problem('PACKAGE_NOT_FOUND', `The package '${why.name}' is not installed`, `npm install ${why.name}`, at)
    case 'no subpath':
      return problem(
        'PACKAGE_NOT_FOUND',
        `The package '${why.name}' does not offer '${specifier}': ${why.message}`,
        "Look at the package's documentation for what can be imported.",
        at,
      )
  }
}

/** Names that are asked of local modules and that these do not export. */
function checkExports(bundle: Bundle): readonly Diagnostic[] {
  return Object.entries(bundle.modules).flatMap(([path, module]) => {
    if (module.kind !== 'script') return []
    const positionOf = createPositions(path, module)
    return module.links.imports.flatMap(({ specifier, names }) => {
      const target = module.targets[specifier]
      if (target?.kind !== 'local') return []
      const offered = exportNames(bundle, target.path)
      if (offered === 'unknown') return []
      return names
        .filter(({ name, use }) => !offered.values.has(name) && !(offered.types.has(name) || use === 'passed'))
        .map(({ name, offset }) => {
          const similar = nearestName(name, [...offered.values])
          return problem(
            'EXPORT_NOT_FOUND',
            `'${specifier}' has no export '${name}'`,
            similar ? `Did you mean '${similar}'?` : offersHint([...offered.values]),
            positionOf(offset),
          )
        })
    })
  })
}

const offersHint = (names: readonly string[]): string =>
  names.length > 0 ? `It exports ${names.slice(0, 8).join(', ')}.` : 'It exports nothing.'

function problem(code: string, message: string, hint: string, at?: Position): Diagnostic {
  return { code, severity: 'error', message, hint, ...(at ? { at } : {}) }
}

/** The key of a file in a bundle. */
const pathIn = (root: string, file: string): string => relative(root, file).split(sep).join('/')

function siblings(file: string): readonly string[] {
  try {
    return readdirSync(dirname(file))
  } catch {
    return []
  }
}

function ordered(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = ({ at }: Diagnostic) => [at?.file ?? '', at?.line ?? 0, at?.column ?? 0] as const
  return [...diagnostics].sort((a, b) => {
    const [fileA, lineA, columnA] = key(a)
    const [fileB, lineB, columnB] = key(b)
    return fileA < fileB ? -1 : fileA > fileB ? 1 : lineA - lineB || columnA - columnB
  })
}
