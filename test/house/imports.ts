/** Tidy checks on who imports whom: floors, cycles, dead files, dead exports. Each answers one line a violation. */
import type { Module, Project } from './project.ts'

/** Top to bottom. A file imports from its own folder and from lower floors; folders of one floor do not know one another. */
export const FLOORS: readonly (readonly string[])[] = [
  ['cli'],
  ['index.ts'],
  ['sim', 'up'],
  ['run'],
  ['loader', 'lang'],
  ['services', 'adopt', 'search'],
  ['exec', 'observe'],
  ['freshness', 'versions', 'analysis'],
  ['values'],
  ['dsl', 'store', 'sight', 'watch'],
  ['core'],
  ['util'],
]
/** The same inside the core. */
const CORE_FLOORS: readonly (readonly string[])[] = [['index.ts'], ['engine'], ['net'], ['graph']]

export function floorViolations({ modules }: Project): string[] {
  return ourModules(modules).flatMap(({ path, imports }) =>
    imports.flatMap(({ file }) => {
      const reason = file?.startsWith('src/') ? wrongWay(path, file) : undefined
      return reason ? [`${path} imports ${file}: ${reason}`] : []
    }),
  )
}

function wrongWay(from: string, to: string): string | undefined {
  const [fromUnit = '', toUnit = ''] = [unitOf(from, 1), unitOf(to, 1)]
  if (fromUnit !== toUnit) return compareFloors(FLOORS, fromUnit, toUnit)
  if (fromUnit !== 'core' || unitOf(from, 2) === unitOf(to, 2)) return undefined
  return compareFloors(CORE_FLOORS, unitOf(from, 2), unitOf(to, 2))
}

const unitOf = (path: string, depth: number): string => path.split('/')[depth] ?? ''

function compareFloors(floors: readonly (readonly string[])[], from: string, to: string): string | undefined {
  const [fromFloor, toFloor] = [from, to].map(unit => floors.findIndex(floor => floor.includes(unit)))
  if (fromFloor === -1) return `${from} is on no floor`
  if (toFloor === -1) return `${to} is on no floor`
  if (fromFloor === toFloor) return `${from} and ${to} are on one floor`
  return fromFloor! > toFloor! ? `${to} is above ${from}` : undefined
}

/** Cycles between files, type imports included; each is reported once, from its first file in order. */
export function importCycles({ modules }: Project): string[] {
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const index = trail.indexOf(path)
    if (index !== -1) cycles.push([...trail.slice(index), path].join(' > '))
    if (index !== -1 || done.has(path)) return
    for (const { file } of modules.get(path)?.imports ?? []) if (file && file !== path) visit(file, [...trail, path])
    done.add(path)
  }
  for (const path of [...modules.keys()].sort()) visit(path, [])
  return cycles
}

/** Where users and Node enter: everything else under src must be reachable from here. */
const isEntry = (path: string): boolean => /^src\/(index|[^/]+\/index|lang\/[^/]+\/index|cli\/main)\.ts$/.test(path)
/** What an entry exports is public; the command line's exports are nobody's. */
const isPublic = (path: string): boolean => /^src\/([^/]+\/|lang\/[^/]+\/)?index\.ts$/.test(path)

export function deadFiles({ modules }: Project): string[] {
  const reached = new Set<string>()
  const visit = (path: string): void => {
    if (reached.has(path)) return
    reached.add(path)
    for (const { file } of modules.get(path)?.imports ?? []) if (file) visit(file)
  }
  for (const path of modules.keys()) if (isEntry(path)) visit(path)
  return ourModules(modules).flatMap(({ path }) => (reached.has(path) ? [] : [`${path} is reached from no entry`]))
}

/**
 * Exported names that no other file imports and no public index passes on. A type that its own file also mentions is
 * alive: it is part of the shape of something that is exported.
 */
export function deadExports({ modules }: Project): string[] {
  const used = usedNames(modules)
  return ourModules(modules).flatMap(module =>
    module.exports.flatMap(({ name, kind }) => {
      if (name === '*' || used.has(`${module.path} ${name}`) || (kind === 'type' && isMentioned(module, name)))
        return []
      return [`${module.path} exports ${name}, which nobody imports`]
    }),
  )
}

function usedNames(modules: Project['modules']): ReadonlySet<string> {
  const used = new Set<string>()
  const use = (path: string, name: string): void => {
    const key = `${path} ${name}`
    if (used.has(key)) return
    used.add(key)
    for (const each of modules.get(path)?.exports ?? []) {
      if (name !== '*' && each.name !== name && each.name !== '*') continue
      if (name === '*' && each.name !== '*') use(path, each.name)
      if (each.from?.file) use(each.from.file, each.name === '*' ? name : each.from.name)
    }
  }
  for (const { path, imports } of modules.values()) {
    if (isPublic(path)) use(path, '*')
    for (const { file, names } of imports) if (file && file !== path) for (const name of names) use(file, name)
  }
  return used
}

const isMentioned = ({ text }: Module, name: string): boolean => text.split(new RegExp(`\\b${name}\\b`)).length > 2

/** What src imports a user gets (a dependency), and what a user gets src imports. */
export function packageViolations({ modules, files }: Project): string[] {
  const { dependencies = {} } = JSON.parse(files.get('package.json') ?? '{}') as {
    dependencies?: Readonly<Record<string, string>>
  }
  const imported = new Map<string, string>()
  for (const { path, imports } of ourModules(modules)) {
    for (const { specifier, file } of imports) {
      if (!file && !specifier.startsWith('node:')) imported.set(packageName(specifier), path)
    }
  }
  const missing = [...imported]
    .filter(([name]) => !(name in dependencies))
    .map(([name, path]) => `${path} imports ${name}, which is no dependency`)
  const idle = Object.keys(dependencies)
    .filter(name => !imported.has(name))
    .map(name => `${name} is a dependency that src does not import`)
  return [...missing, ...idle]
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const ourModules = (modules: Project['modules']): Module[] =>
  [...modules.values()].filter(({ path }) => path.startsWith('src/'))
