/**
 * The packages behind a bundle, as they are installed: those that its modules import, and what these need, each looked for where
 * Node would look for it.
 *
 * Left out is what belongs to the machine and not to the code: packages that are for one platform only.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, resolve, sep } from 'node:path'
import type { BundledModule, KeptModule, Target } from '../../loader/index.ts'
import { folderHash } from '../../loader/native.ts'
import { packageName } from '../../loader/resolve.ts'
import type { Package } from '../../versions/version.ts'
import { createDigests, type Digests } from './locks.ts'

/** A bundle, or what a version keeps of it. */
export interface Code {
  readonly modules: { readonly [path: string]: BundledModule | KeptModule }
}

/** Sorted by name, then version. `dir`: the folder of the bundle's entry. */
export const packagesOf = async (code: Code, dir: string): Promise<readonly Package[]> =>
  installedFor(code, dir).packages.map(({ name, version, integrity }) => ({
    name,
    version,
    ...(integrity === undefined ? {} : { integrity }),
  }))

export interface Installed {
  readonly packages: readonly InstalledPackage[]
  /** Names of what is installed for this platform alone. */
  readonly parts: ReadonlySet<string>
  readonly missing: readonly Missing[]
}

export interface InstalledPackage extends Package {
  readonly manifest: Manifest
}

/** A package that is needed and not there. */
export interface Missing {
  /** By which it is asked for. */
  readonly name: string
  /** What it was when the bundle was made; absent where a package asks for it. */
  readonly was?: Pick<Package, 'name' | 'version'>
  /** The module, or the package, that needs it. */
  readonly by: string
}

export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Ranges
  readonly optionalDependencies?: Ranges
  readonly peerDependencies?: Ranges
  readonly peerDependenciesMeta?: { readonly [name: string]: { readonly optional?: boolean } }
  readonly os?: unknown
  readonly cpu?: unknown
  readonly libc?: unknown
}

type Ranges = { readonly [name: string]: string }

/** What is wanted, where, and whether all can be well without it. */
interface Wish {
  readonly name: string
  readonly from: string
  readonly by: string
  readonly need: 'needed' | 'optional'
  readonly was?: Pick<Package, 'name' | 'version'>
  /** Where it was when the bundle was made. */
  readonly folder?: string
  /** Its version does not say what it is. */
  readonly isByFiles?: boolean
}

export function installedFor(code: Code, dir: string): Installed {
  const found = new Map<string, InstalledPackage>()
  const parts = new Set<string>()
  const missing = new Map<string, Missing>()
  const seen = new Set<string>()
  const digests = createDigests()
  const wishes = [...wishesOf(code, dir)]
  for (let wish = wishes.pop(); wish; wish = wishes.pop()) {
    const folder = locate(wish)
    if (folder !== undefined && seen.has(folder)) continue
    const manifest = folder === undefined ? undefined : readManifest(folder)
    if (folder === undefined || !manifest) {
      const { name, was, by } = wish
      if (wish.need === 'needed') missing.set(name, { name, by, ...(was === undefined ? {} : { was }) })
      continue
    }
    seen.add(folder)
    if (isOfPlatform(manifest)) parts.add(wish.name)
    else found.set(folder, installedAt(folder, manifest, wish, digests))
    wishes.push(...wishesOfPackage(manifest, folder))
  }
  return { packages: distinct([...found.values()]), parts, missing: [...missing.values()].sort(byName) }
}

/** What the modules import. */
function* wishesOf({ modules }: Code, dir: string): Iterable<Wish> {
  for (const [path, module] of Object.entries(modules)) {
    const from = resolve(dir, dirname(path))
    if (module.kind === 'script')
      for (const [specifier, target] of Object.entries(module.targets))
        if (target.kind === 'package') yield wishOf(specifier, target, { path, from, dir })
    if (module.kind === 'native')
      for (const name of requiredPackages(module.files ?? {})) yield { name, from, by: path, need: 'needed' }
  }
}

function wishOf(
  specifier: string,
  { name, version, path, content }: Extract<Target, { kind: 'package' }>,
  at: { readonly path: string; readonly from: string; readonly dir: string },
): Wish {
  const folder = packageFolder(resolve(at.dir, path))
  return {
    // By the name under which it is asked for, which may be an alias; `#name` is mapped to a package of its own name.
    name: specifier.startsWith('#') ? name : packageName(specifier),
    was: { name, version },
    from: at.from,
    by: at.path,
    need: 'needed',
    ...(folder === undefined ? {} : { folder }),
    ...(content === undefined ? {} : { isByFiles: true }),
  }
}

const REQUIRE = /\brequire\s*\(\s*(['"`])([^'"`./][^'"`]*)\1\s*\)/g

/** Packages that kept CommonJS files require by a literal name. */
function requiredPackages(files: { readonly [path: string]: unknown }): ReadonlySet<string> {
  const texts = Object.values(files).filter(each => typeof each === 'string')
  const names = texts.flatMap(text => [...text.matchAll(REQUIRE)].map(([, , specifier = '']) => specifier))
  return new Set(names.filter(name => !isBuiltin(name)).map(packageName))
}

/** As Node maps names to files: the nearest `node_modules` that has it. */
function locate({ name, from, folder }: Wish): string | undefined {
  if (folder !== undefined && isPackage(folder)) return folder
  for (let at = from; ; at = dirname(at)) {
    const path = `${at}${sep}node_modules${sep}${name}`
    if (!at.endsWith(`${sep}node_modules`) && isPackage(path)) return realpathSync.native(path)
    if (dirname(at) === at) return undefined
  }
}

const isPackage = (folder: string): boolean => existsSync(`${folder}${sep}package.json`)

function* wishesOfPackage(manifest: Manifest, folder: string): Iterable<Wish> {
  const { name = folder, dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest
  const common = { from: folder, by: name }
  const isOptionalPeer = (each: string) => manifest.peerDependenciesMeta?.[each]?.optional === true
  for (const each of Object.keys(optionalDependencies)) yield { ...common, name: each, need: 'optional' }
  for (const each of Object.keys(dependencies))
    if (!(each in optionalDependencies)) yield { ...common, name: each, need: 'needed' }
  // Whose version is whoever installs it to choose, Tutti's own too.
  for (const each of Object.keys(peerDependencies))
    if (each !== 'tutti') yield { ...common, name: each, need: isOptionalPeer(each) ? 'optional' : 'needed' }
}

function installedAt(folder: string, manifest: Manifest, wish: Wish, digests: Digests): InstalledPackage {
  const { name = wish.name, version = '0.0.0' } = manifest
  const isByFiles = wish.isByFiles || manifest.version === undefined || packageFolder(folder) === undefined
  const integrity = isByFiles ? `files:${folderHash(folder)}` : digests(folder, name, version)
  return { name, version, manifest, ...(integrity === undefined ? {} : { integrity }) }
}

/** The folder of the package that a file is part of; undefined: of none that was installed. */
function packageFolder(file: string): string | undefined {
  const marker = `${sep}node_modules${sep}`
  const at = file.lastIndexOf(marker)
  if (at < 0) return undefined
  const [first = '', second = ''] = file.slice(at + marker.length).split(sep)
  return file.slice(0, at + marker.length) + (first.startsWith('@') ? join(first, second) : first)
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

const isOfPlatform = ({ os, cpu, libc }: Manifest): boolean =>
  os !== undefined || cpu !== undefined || libc !== undefined

/** One of a name and version, wherever it is installed, and however often. */
function distinct(packages: readonly InstalledPackage[]): readonly InstalledPackage[] {
  const byKey = new Map(packages.map(each => [`${each.name}@${each.version} ${each.integrity ?? ''}`, each]))
  return [...byKey.values()].sort(byName)
}

type Named = Pick<Package, 'name' | 'integrity'> & { readonly version?: string }

const byName = (a: Named, b: Named): number =>
  compare(a.name, b.name) || compare(a.version, b.version) || compare(a.integrity, b.integrity)

const compare = (a = '', b = ''): number => (a < b ? -1 : a > b ? 1 : 0)
