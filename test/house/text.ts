/** Tidy checks on the text of every committed file: nothing left over, nothing of the machine that it was written on. */
import { place, type Project } from './project.ts'

/** Spelled in two halves, so that this file does not report itself. */
const LEFTOVER = new RegExp(`${'FIX'}ME|${'TO'}DO(?!\\([\\w@.-]+\\): \\S)`, 'g')
/** Absolute folders of one machine, where a path may begin; `https://a.b/home/c` is none. */
const MACHINE_PATH = new RegExp(
  `(?<![\\w.:/~*})\\]-])/(?:${['work', 'home', 'root', 'tmp', 'Users'].join('|')})(?:/[\\w.]|(?=['"\`\\s]))`,
  'g',
)
const REGISTRY = new RegExp(
  `https?://[^\\s"'/]*(?:registry|${'npm'}mirror|artifactory|nexus)[^\\s"']*|${'_auth'}Token`,
  'gi',
)

export const leftovers = (project: Project): string[] => matches(project, LEFTOVER, 'is left over')
export const machinePaths = (project: Project): string[] => matches(project, MACHINE_PATH, 'is a path of one machine')
export const registryAddresses = (project: Project): string[] =>
  matches(project, REGISTRY, 'is an address of a registry')

function matches({ files }: Project, pattern: RegExp, what: string): string[] {
  return [...files].flatMap(([path, text]) =>
    path === 'LICENSE'
      ? []
      : [...text.matchAll(pattern)].map(match => `${place({ path, text }, match.index)}: ${match[0]} ${what}`),
  )
}

interface LockEntry {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * The lock file serves every machine: it says no address (npm asks the registry that the machine has), and it lists the
 * native parts for every platform, without which `npm ci` fails elsewhere.
 */
export function lockViolations({ files }: Project): string[] {
  const text = files.get('package-lock.json')
  if (text === undefined) return ['package-lock.json is missing']
  const packages = (JSON.parse(text) as { packages: Readonly<Record<string, LockEntry>> }).packages
  return Object.entries(packages).flatMap(([path, entry]) => {
    const missing = Object.keys(entry.optionalDependencies ?? {}).filter(
      name => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
    )
    const address = entry.resolved && /^https?:/.test(entry.resolved) ? [`${path} says where it came from`] : []
    return [...address, ...missing.map(name => `${path}: ${name} is not in package-lock.json`)]
  })
}
