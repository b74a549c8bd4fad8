/**
 * The files that globs mean, and where one looked for them: as long as no folder that was entered lists other names, and
 * nothing that was absent has come, the same globs mean the same files.
 *
 * Links are followed, since what counts is the content that a task would read; one that leads back to a folder around it is
 * not. Folders that nobody means by `**` are entered only when a glob names them.
 */
import { type Stats, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Ignore } from 'ignore'
import type picomatch from 'picomatch'
import { type Diagnostic, refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { slices } from './limit.ts'
import { errorCode } from './paths.ts'
import type { Listed, Stamps } from './stamps.ts'

const IGNORED_FOLDERS = ['node_modules', '.git', '.tutti']
/** Folders reached through links: links in both directions between many folders name each a million times. */
const LINKED_FOLDERS_MAX = 100_000
/** Of one kind of warning, so many names are told. */
const NAMES_SHOWN = 3

export interface Walk {
  /** `!` in front: not these. A folder: all that is in it. */
  readonly what: { readonly globs: readonly string[] } | { readonly folder: string }
  readonly cwd: string
  readonly ignore?: 'gitignore' | 'none'
  readonly stamps: Stamps
  readonly warn: (warning: Diagnostic) => void
}

export interface Walked {
  /** As seen from `cwd`, in the order of their code units. */
  readonly paths: readonly string[]
  /** The folders that were entered, in the same form and order. */
  readonly entered: readonly string[]
  /** What decided beside the names themselves: absolute paths with hashes. */
  readonly files: readonly (readonly [path: string, hash: Hash])[]
  readonly folders: readonly (readonly [path: string, hash: Hash])[]
  /** Absolute paths that are not there. */
  readonly absent: readonly string[]
}

/** Refuses with SOURCE_UNREADABLE and SOURCE_LOOP; warns with SOURCE_LOOP and SOURCE_LINK_BROKEN. */
export async function walk(options: Walk): Promise<Walked> {
  // Loaded when they are first needed: most runs start without a glob, and starting is what a user waits for.
  const [{ default: match }, { default: ignore }] = await Promise.all([import('picomatch'), import('ignore')])
  const { what, cwd } = options
  const patterns = 'folder' in what ? allIn(toBase(what.folder, cwd)) : patternsOf(what.globs, cwd, match)
  const walker = new Walker(options, patterns, () => ignore({ ignorecase: false }))
  return walker.walk()
}

/** Whether a path, as seen from `cwd`, is one of those that globs mean or that a folder holds, should it be there. */
export async function matcherOf(what: Walk['what'], cwd: string): Promise<(path: string) => boolean> {
  const { default: match } = await import('picomatch')
  return ('folder' in what ? allIn(toBase(what.folder, cwd)) : patternsOf(what.globs, cwd, match)).matches
}

/** A folder on the way, with those around it: to see that a link leads back. */
interface Around {
  readonly dev: number
  readonly ino: number
  readonly outer: Around | undefined
}

/** A file of patterns, with those of the folders around it. */
interface Rules {
  readonly folder: string
  readonly rules: Ignore
  readonly outer: Rules | undefined
}

interface Folder {
  readonly path: string
  readonly absolute: string
  readonly stats: Stats
  readonly around: Around | undefined
  readonly rules: Rules | undefined
}

class Walker {
  readonly #options: Walk
  readonly #patterns: Patterns
  readonly #newRules: () => Ignore
  readonly #rest = slices()
  readonly #paths = new Set<string>()
  readonly #entered = new Set<string>()
  readonly #files = new Map<string, Hash>()
  readonly #folders = new Map<string, Hash>()
  readonly #absent = new Set<string>()
  readonly #broken: string[] = []
  readonly #loops: string[] = []
  #linkedFolders = 0

  constructor(options: Walk, patterns: Patterns, newRules: () => Ignore) {
    this.#options = options
    this.#patterns = patterns
    this.#newRules = newRules
  }

  async walk(): Promise<Walked> {
    for (const base of this.#patterns.bases) await this.#begin(base)
    this.#warn('SOURCE_LINK_BROKEN', this.#broken, 'leads nowhere: it is left out')
    this.#warn('SOURCE_LOOP', this.#loops, 'leads back to a folder around it: it is not followed')
    return {
      paths: [...this.#paths].sort(),
      entered: [...this.#entered].sort(),
      files: [...this.#files],
      folders: [...this.#folders],
      absent: [...this.#absent],
    }
  }

  async #begin(path: string): Promise<void> {
    const absolute = resolve(this.#options.cwd, path)
    const rules = this.#options.ignore === 'gitignore' ? this.#rulesAround(absolute) : undefined
    const stats = this.#look(path, absolute)
    if (typeof stats === 'string') this.#miss(path, absolute, stats)
    else if (isIgnored(rules, absolute, stats.isDirectory())) return
    else if (stats.isDirectory()) await this.#enter({ path, absolute, stats, around: undefined, rules })
    else if (stats.isFile() && this.#patterns.matches(path)) this.#paths.add(path)
  }

  async #enter({ path, absolute, stats, around, rules }: Folder): Promise<void> {
    const listed = this.#list(path, absolute, stats)
    if (listed === undefined) return
    this.#entered.add(path)
    this.#folders.set(absolute, listed.hash)
    const here: Around = { dev: stats.dev, ino: stats.ino, outer: around }
    const inner = this.#withRules(absolute, listed.names, rules)
    for (const name of listed.names) {
      const below = path === '' ? name.name : `${path}/${name.name}`
      const at = {
        path: below,
        absolute: `${absolute === '/' ? '' : absolute}/${name.name}`,
        around: here,
        rules: inner,
      }
      // Most are files, and cost no wait.
      if (!name.isFile()) await this.#visit(name, at)
      else if (this.#isWanted(at, 'file')) this.#paths.add(below)
      const rest = this.#rest()
      if (rest) await rest
    }
  }

  async #visit(name: Listed, at: Omit<Folder, 'stats'>): Promise<void> {
    if (name.isDirectory()) {
      if (!this.#isWanted(at, 'folder')) return
      const stats = this.#look(at.path, at.absolute)
      if (typeof stats !== 'string' && stats.isDirectory()) await this.#enter({ ...at, stats })
    } else if (name.isSymbolicLink() && (this.#isWanted(at, 'file') || this.#isWanted(at, 'folder'))) {
      await this.#follow(at)
    }
  }

  async #follow(at: Omit<Folder, 'stats'>): Promise<void> {
    const stats = this.#look(at.path, at.absolute)
    if (typeof stats === 'string') {
      this.#miss(at.path, at.absolute, stats)
      if (stats === 'nothing') this.#broken.push(at.path)
    } else if (stats.isFile()) {
      if (this.#isWanted(at, 'file')) this.#paths.add(at.path)
    } else if (stats.isDirectory() && this.#isWanted(at, 'folder')) {
      if (isAround(at.around, stats.dev, stats.ino)) return void this.#loops.push(at.path)
      this.#linkedFolders += 1
      if (this.#linkedFolders > LINKED_FOLDERS_MAX) refuseTangle(at.path)
      await this.#enter({ ...at, stats })
    }
  }

  #isWanted({ path, absolute, rules }: Omit<Folder, 'stats'>, kind: 'file' | 'folder'): boolean {
    const fits = kind === 'file' ? this.#patterns.matches(path) : this.#patterns.mayContain(path)
    return fits && !isIgnored(rules, absolute, kind === 'folder')
  }

  #miss(path: string, absolute: string, why: 'nothing' | 'loop'): void {
    this.#absent.add(absolute)
    if (why === 'loop') this.#loops.push(path)
  }

  #look(path: string, absolute: string): Stats | 'nothing' | 'loop' {
    try {
      return statSync(absolute, { throwIfNoEntry: false }) ?? 'nothing'
    } catch (problem) {
      const code = errorCode(problem)
      if (code === 'ELOOP') return 'loop'
      return code === 'ENOTDIR' ? 'nothing' : refuseUnreadable(path, problem)
    }
  }

  /** undefined: it went while we came. The folder around it lists other names by then. */
  #list(path: string, absolute: string, stats: Stats): ReturnType<Stamps['readListNow']> | undefined {
    try {
      return this.#options.stamps.readListNow(absolute, stats)
    } catch (problem) {
      const code = errorCode(problem)
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      return refuseUnreadable(path === '' ? '.' : path, problem)
    }
  }

  #withRules(absolute: string, names: readonly Listed[], outer: Rules | undefined): Rules | undefined {
    if (this.#options.ignore !== 'gitignore' || !names.some(({ name }) => name === '.gitignore')) return outer
    return this.#readRules(absolute, outer)
  }

  /** Those of the repository around, from its top; without one those of the project. */
  #rulesAround(absolute: string): Rules | undefined {
    const folders = [absolute, ...foldersAround(absolute)]
    const top = folders.findIndex(folder => statAt(join(folder, '.git')))
    const end = top === -1 ? folders.indexOf(this.#options.cwd) : top
    // Its own are read when it is entered.
    return folders
      .slice(1, end + 1)
      .reduceRight<Rules | undefined>((outer, folder) => this.#readRules(folder, outer), undefined)
  }

  #readRules(folder: string, outer: Rules | undefined): Rules | undefined {
    const path = join(folder, '.gitignore')
    const stats = statAt(path)
    if (!stats?.isFile()) {
      this.#absent.add(path)
      return outer
    }
    const { bytes, hash } = this.#options.stamps.readNow(path, stats)
    this.#files.set(path, hash)
    return { folder, rules: this.#newRules().add(Buffer.from(bytes).toString('utf8')), outer }
  }

  #warn(code: string, paths: readonly string[], what: string): void {
    if (paths.length === 0) return
    const others = paths.length - NAMES_SHOWN
    const names = paths.slice(0, NAMES_SHOWN).join(', ') + (others > 0 ? ` (and ${others} more)` : '')
    this.#options.warn({ code, severity: 'warning', message: `The link ${names} ${what}` })
  }
}

/** undefined: there is nothing, or nothing that can be got at. */
function statAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // Under a file, behind a circle of links.
    return undefined
  }
}

function isAround(around: Around | undefined, dev: number, ino: number): boolean {
  for (let each = around; each !== undefined; each = each.outer) if (each.dev === dev && each.ino === ino) return true
  return false
}

/** As git does: the innermost file that says anything about it decides. */
function isIgnored(rules: Rules | undefined, absolute: string, isFolder: boolean): boolean {
  if (rules === undefined) return false
  const { ignored, unignored } = rules.rules.test(relative(rules.folder, absolute) + (isFolder ? '/' : ''))
  return ignored || (!unignored && isIgnored(rules.outer, absolute, isFolder))
}

/** The folders in which a path lies, from the inside out. */
function foldersAround(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...foldersAround(parent)]
}

interface Pattern {
  /** The part without signs, as seen from `cwd`; '' is `cwd` itself. */
  readonly base: string
  /** Of what stands below the base. */
  readonly matches: (rest: string) => boolean
  /** All below, and so the base itself, should it be a file. */
  readonly isWhole: boolean
  /** One for each part of what stands below; `deep` takes any number of them. */
  readonly parts: readonly (((part: string) => boolean) | 'deep')[]
  /** Whether any part names what begins with a dot. */
  readonly isHidden: boolean
}

/** What the globs say about a path. */
interface Patterns {
  /** Where to begin. */
  readonly bases: readonly string[]
  matches(path: string): boolean
  /** Whether a folder may hold what matches, if those around it may. */
  mayContain(folder: string): boolean
}

const allIn = (base: string): Patterns => ({
  bases: [base],
  matches: path => below(base, path) !== undefined,
  mayContain: folder =>
    folder === base || (below(base, folder) !== undefined && !IGNORED_FOLDERS.includes(nameIn(folder))),
})

function patternsOf(globs: readonly string[], cwd: string, match: typeof picomatch): Patterns {
  const isNegative = (glob: string): boolean => glob.startsWith('!') && !glob.startsWith('!(')
  const wanted = globs.filter(glob => !isNegative(glob)).map(glob => patternOf(glob, cwd, match, false))
  const unwanted = globs.filter(isNegative).map(glob => patternOf(glob.slice(1), cwd, match, true))
  const ignored = IGNORED_FOLDERS.filter(folder => !globs.some(glob => glob.split('/').includes(folder)))
  const isWanted = (path: string): boolean => !unwanted.some(pattern => matchesBelow(pattern, path))
  const bases = [...new Set(wanted.map(({ base }) => base))]
  return {
    bases: bases.filter(base => !bases.some(other => other !== base && below(other, base) !== undefined)),
    matches: path => wanted.some(pattern => matchesBelow(pattern, path)) && isWanted(path),
    mayContain: folder =>
      !ignored.includes(nameIn(folder)) && wanted.some(pattern => mayHold(pattern, folder)) && isWanted(folder),
  }
}

const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** A name without signs at its end means all that is in it, should it be a folder. */
function patternOf(glob: string, cwd: string, match: typeof picomatch, dot: boolean): Pattern {
  const plain = withoutDots(glob)
  const whole = plain.endsWith('*') ? plain : `${plain}/**`
  const rest = match.scan(whole).glob || '**'
  const parts = match.scan(rest, { parts: true }).parts ?? []
  const matcher = (pattern: string) => match(pattern, { dot, posix: true })
  return {
    base: toBase(match.scan(whole, { unescape: true }).base, cwd),
    matches: matcher(rest),
    isWhole: /^(\*\*\/)*\*\*$/.test(rest),
    parts: (parts.length === 0 ? [rest] : parts).map(part =>
      part.includes('**') || part.includes('/') ? 'deep' : matcher(part),
    ),
    isHidden: dot || /(^|[/{(,|])\\?\./.test(rest),
  }
}

/** `./a//b/./` is `a/b`. */
const withoutDots = (glob: string): string =>
  glob
    .split('/')
    .filter((part, index) => part !== '.' && (part !== '' || index === 0))
    .join('/') || '.'

const toBase = (path: string, cwd: string): string => relative(cwd, resolve(cwd, path)).replaceAll('\\', '/')

/** What stands below `base`; undefined: it does not. */
function below(base: string, path: string): string | undefined {
  if (base === path) return ''
  const rest = base === '' ? path : path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined
  return rest === '..' || rest?.startsWith('../') ? undefined : rest
}

function matchesBelow({ base, matches, isWhole }: Pattern, path: string): boolean {
  const rest = below(base, path)
  return rest !== undefined && (rest === '' ? isWhole : matches(rest))
}

function mayHold({ base, parts, isHidden }: Pattern, folder: string): boolean {
  const rest = below(base, folder)
  if (rest === undefined) return below(folder, base) !== undefined
  if (rest === '') return true
  const names = rest.split('/')
  for (const [index, name] of names.entries()) {
    const part = parts[index]
    if (part === 'deep') return isHidden || !names.slice(index).some(each => each.startsWith('.'))
    if (part === undefined || !part(name)) return false
  }
  return true
}

function refuseUnreadable(path: string, problem: unknown): never {
  const code = errorCode(problem)
  if (code === undefined) throw problem
  refuse('SOURCE_UNREADABLE', `The folder ${path} cannot be read (${code})`, {
    hint: 'Make it readable, or leave it out of the globs with `!`.',
  })
}

function refuseTangle(path: string): never {
  refuse('SOURCE_LOOP', `Links lead through more than ${LINKED_FOLDERS_MAX} folders, at last ${path}`, {
    hint: 'Leave folders of links out of the globs with `!`.',
  })
}
