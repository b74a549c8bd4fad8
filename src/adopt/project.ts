/** The folder that is adopted: what lies in it, before and after its build, and which of it counts. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync, type Stats } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'

/** Never looked into: nobody builds there by hand. */
const FOREIGN = new Set(['.git', '.tutti', '.hg', '.svn'])
/** Installed, not built: too many to list, and their lock file says which they are. */
const INSTALLED = 'node_modules'

/** Stamps of all files below `root`. */
export function scan(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (FOREIGN.has(entry.name) || entry.name === INSTALLED) continue
      if (entry.isDirectory()) visit(path)
      else found.set(path, stampOf(path) ?? '')
    }
  }
  visit(root)
  return found
}

/** Changes whenever the content may have. */
export function stampOf(path: string): string | undefined {
  const stats = statsOf(path)
  return stats && `${stats.ino} ${stats.size} ${stats.mtimeMs}`
}

export const statsOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })
export const isFile = (path: string): boolean => statsOf(path)?.isDirectory() === false

/** Where a link leads, one step of the way; undefined when it is none. */
export const linkTarget = (path: string): string | undefined =>
  statsOf(path)?.isSymbolicLink() === true ? resolve(dirname(path), readlinkSync(path)) : undefined

/** Whether it is there and can be kept: a file, or a link that leads to one. */
export const isKeepable = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** Whether a path below the root is one whose content matters. */
export function isOurs(root: string, path: string): boolean {
  if (!path.startsWith(`${root}/`)) return false
  const [top = ''] = path.slice(root.length + 1).split('/', 1)
  return !FOREIGN.has(top)
}

export const isInstalled = (path: string): boolean => path.includes(`/${INSTALLED}/`)

/** Scratch and caches: written by nearly every tool, read by nobody else. */
export function isScratch(root: string, path: string): boolean {
  const home = homedir()
  const places = [tmpdir(), '/var/tmp', '/dev', '/proc']
  if (places.some(place => path.startsWith(`${place}/`))) return true
  if (home !== '/' && path.startsWith(`${home}/`)) {
    const [top = ''] = relative(home, path).split('/', 1)
    return top.startsWith('.')
  }
  return isOurs(root, path)
}

/** The program that the first line of a script names: `sh`, `node`; undefined when the file is none. */
export function interpreterOf(file: string): string | undefined {
  try {
    const line = readFileSync(file).subarray(0, 256).toString('latin1').split('\n', 1)[0] ?? ''
    const [, program = '', argument = ''] = /^#!\s*(\S+)\s*(\S*)/.exec(line) ?? []
    const name = program.split('/').at(-1)
    return name === 'env' ? argument : name === '' ? undefined : name
  } catch {
    return undefined
  }
}
