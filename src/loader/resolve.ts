/** What a specifier in a user's file means: a local file, a package, a part of Node, or Tutti itself. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { err, ok, type Result } from '../util/result.ts'

export type Resolved =
  | { readonly kind: 'local'; readonly file: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'tutti'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string; readonly version: string; readonly file: string }

export type Unresolved =
  /** `file`: the path that was looked for. */
  | { readonly kind: 'no file'; readonly file: string }
  | { readonly kind: 'no package'; readonly name: string }
  /** The package is there, but not what was asked of it. */
  | { readonly kind: 'no subpath'; readonly name: string; readonly message: string }

const SOURCES = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json']
/** TypeScript lets a file be named by what it would compile to. */
const WRITTEN_AS: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts' }

export async function resolveSpecifier(specifier: string, importer: string): Promise<Result<Resolved, Unresolved>> {
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

async function resolvePackage(specifier: string, importer: string): Promise<Result<Resolved, Unresolved>> {
  const { ResolverFactory } = await import('oxc-resolver')
  const resolver = new ResolverFactory({
    conditionNames: ['node', 'import'],
    extensions: ['.js', '.mjs', '.cjs', '.json', '.node', '.ts', '.mts'],
    mainFields: ['main'],
  })
  const { path, packageJsonPath, error } = resolver.sync(dirname(importer), specifier)
  const name = packageName(specifier)
  if (path === undefined)
    return err(
      error && hasPackage(name, dirname(importer))
        ? { kind: 'no subpath', name, message: error }
        : { kind: 'no package', name },
    )
  // A linked package or an alias into the user's own tree is the user's code: it is loaded and guarded as such.
  if (!/[\\/]node_modules[\\/]/.test(path)) return ok({ kind: 'local', file: path })
  const manifest = packageJsonPath
    ? (JSON.parse(readFileSync(packageJsonPath, 'utf8')) as { readonly name?: string; readonly version?: string })
    : {}
  return ok({ kind: 'package', name: manifest.name ?? name, version: manifest.version ?? '0.0.0', file: path })
}

export function packageName(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}

function hasPackage(name: string, from: string): boolean {
  if (existsSync(resolve(from, 'node_modules', name))) return true
  const parent = dirname(from)
  return parent !== from && hasPackage(name, parent)
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
