/** What a specifier in a user's file means: a local file, a package, a part of Node, or Tutti itself. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exports, imports, type Package } from 'resolve.exports'
import type { Hash } from '../util/hash.ts'
import { err, ok, type Result } from '../util/result.ts'
import { folderHash } from './native.ts'

export type Resolved =
  | { readonly kind: 'local'; readonly file: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'tutti'; readonly name: string }
  | {
      readonly kind: 'package'
      readonly name: string
      readonly version: string
      readonly file: string
      /** Of its files; absent where name and version say what they are. */
      readonly content?: Hash
    }

export type Unresolved =
  /** `file`: the path that was looked for. */
  | { readonly kind: 'no file'; readonly file: string }
  | { readonly kind: 'no package'; readonly name: string }
  /** The package is there, but not what was asked of it. */
  | { readonly kind: 'no subpath'; readonly name: string; readonly message: string }

const SOURCES = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json']
/** TypeScript lets a file be named by what it would compile to. */
const WRITTEN_AS: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts' }

export function resolveSpecifier(specifier: string, importer: string): Result<Resolved, Unresolved> {
  if (specifier === 'tutti' || specifier.startsWith('tutti/')) return ok({ kind: 'tutti', name: specifier })
  if (isBuiltin(specifier))
    return ok({ kind: 'builtin', name: specifier.startsWith('node:') ? specifier : `node:${specifier}` })
  if (/^\.{0,2}\/|^\.{1,2}$|^file:/.test(specifier)) return resolveFile(specifier, importer)
  return resolvePackage(specifier, importer)
}

function resolveFile(specifier: string, importer: string): Result<Resolved, Unresolved> {
  const wanted = specifier.startsWith('file:')
    ? fileURLToPath(specifier)
    : resolve(dirname(importer), decodeURI(specifier.replace(/[?#].*$/, '')))
  const extension = extname(wanted)
  const candidates = [
    wanted,
    ...(WRITTEN_AS[extension] ? [wanted.slice(0, -extension.length) + WRITTEN_AS[extension]] : []),
    ...SOURCES.map(each => wanted + each),
    ...SOURCES.map(each => resolve(wanted, `index${each}`)),
  ]
  const file = candidates.find(isFile)
  return file === undefined ? err({ kind: 'no file', file: wanted }) : ok({ kind: 'local', file })
}

/** As Node's ESM loader does (nodejs.org/api/esm.html, "Resolution algorithm"): the nearest package of that name, then its `exports`. */
function resolvePackage(specifier: string, importer: string): Result<Resolved, Unresolved> {
  const name = packageName(specifier)
  const found = specifier.startsWith('#') ? ownPackage(dirname(importer)) : installed(name, dirname(importer))
  if (!found) return err({ kind: 'no package', name })
  const file = entryOf(found, specifier, name)
  if (file === undefined)
    return err({ kind: 'no subpath', name, message: `${specifier} is not among what ${name} exports` })
  const path = realpathSync(file)
  // A linked package or an alias into the user's own tree is the user's code: it is loaded and guarded as such.
  if (!/[\\/]node_modules[\\/]/.test(path)) return ok({ kind: 'local', file: path })
  return ok({
    kind: 'package',
    name: found.manifest.name ?? name,
    version: found.manifest.version ?? '0.0.0',
    file: path,
    ...(isRelease(found, name, importer) ? {} : { content: folderHash(found.folder) }),
  })
}

/**
 * A version says what a package holds if it came from a registry. What the project asks for by a folder, an address or a
 * workspace (`file:`, `link:`, `workspace:`, `git+ssh:`, `owner/name`), and what has no version, counts by its files.
 */
function isRelease({ manifest }: Installed, name: string, importer: string): boolean {
  if (manifest.version === undefined) return false
  const own = ownPackage(dirname(importer))?.manifest
  const asked = own?.dependencies?.[name] ?? own?.devDependencies?.[name] ?? own?.optionalDependencies?.[name]
  return asked === undefined || !/[:/]/.test(asked) || /^(?:npm|catalog):/.test(asked)
}

interface Installed {
  readonly folder: string
  readonly manifest: Manifest
}
type Manifest = Package & {
  readonly version?: string
  readonly main?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

function entryOf({ folder, manifest }: Installed, specifier: string, name: string): string | undefined {
  const wanted = targetsOf(manifest, specifier)
  if (wanted !== undefined) return wanted.map(target => resolve(folder, target)).find(isFile)
  const subpath = specifier.slice(name.length + 1)
  const path = resolve(folder, subpath === '' ? (manifest.main ?? 'index.js') : subpath)
  return [path, `${path}.js`, `${path}.json`, `${path}.node`, resolve(path, 'index.js')].find(isFile)
}

/** What the package maps the specifier to; empty when it does not export it, undefined when it maps nothing. */
function targetsOf(manifest: Manifest, specifier: string): readonly string[] | undefined {
  if (manifest.exports === undefined && !specifier.startsWith('#')) return undefined
  try {
    const found = specifier.startsWith('#') ? imports(manifest, specifier) : exports(manifest, specifier)
    return found ? [...found] : []
  } catch {
    // The library throws for what the package does not have.
    return []
  }
}

function installed(name: string, from: string): Installed | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = readManifest(resolve(folder, 'node_modules', name))
    if (manifest) return { folder: resolve(folder, 'node_modules', name), manifest }
    if (dirname(folder) === folder) return undefined
  }
}

/** The package that a file belongs to: where `#name` is mapped. */
function ownPackage(from: string): Installed | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = readManifest(folder)
    if (manifest) return { folder, manifest }
    if (dirname(folder) === folder) return undefined
  }
}

function readManifest(folder: string): Manifest | undefined {
  const path = resolve(folder, 'package.json')
  return isFile(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : undefined
}

export function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
