/** What lock files say of installed packages: the digest of each, as the package manager has it. */
import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** The digest of the package in `folder`; undefined where no lock tells. */
export type Digests = (folder: string, name: string, version: string) => string | undefined

/** Each lock is read once. */
export function createDigests(): Digests {
  const locks = new Map<string, Lock>()
  return (folder, name, version) => {
    const root = rootOf(folder)
    if (root === undefined) return undefined
    let lock = locks.get(root)
    if (!lock) locks.set(root, (lock = readLock(root)))
    return lock(relative(root, folder).split(sep).join('/'), name, version)
  }
}

type Lock = (path: string, name: string, version: string) => string | undefined

/** The folder whose `node_modules` it is in, be it deep. */
function rootOf(folder: string): string | undefined {
  const at = folder.indexOf(`${sep}node_modules${sep}`)
  return at < 0 ? undefined : folder.slice(0, at)
}

/** What is installed is told best by what the package manager wrote beside it. */
function readLock(root: string): Lock {
  for (const [name, read] of LOCKS) {
    const lock = readOne(join(root, name), read)
    if (lock) return lock
  }
  return () => undefined
}

const LOCKS: readonly (readonly [name: string, read: (text: string) => Lock])[] = [
  ['node_modules/.package-lock.json', npmLock],
  ['package-lock.json', npmLock],
  ['node_modules/.pnpm/lock.yaml', lineLock],
  ['pnpm-lock.yaml', lineLock],
  ['yarn.lock', lineLock],
]

function readOne(file: string, read: (text: string) => Lock): Lock | undefined {
  try {
    return read(readFileSync(file, 'utf8'))
  } catch {
    // Not there, or not what it is called: the next one is asked.
    return undefined
  }
}

function npmLock(text: string): Lock {
  const { packages = {} } = JSON.parse(text) as {
    readonly packages?: { readonly [path: string]: { readonly version?: string; readonly integrity?: string } }
  }
  return (path, _, version) => (packages[path]?.version === version ? packages[path].integrity : undefined)
}

/**
 * pnpm and yarn write YAML (or what looks like it), always in one form: a line that names a package, and below it, further in,
 * its version, where the name is not followed by it, and its digest.
 */
function lineLock(text: string): Lock {
  const digests = new Map<string, string>()
  let [name, version] = ['', '']
  for (const line of text.split('\n')) {
    const entry = /^(?: {2})?["']?\/?((?:@[^/"']+\/)?[^\s@/"']+)[@/]([^\s:("',]+).*:$/.exec(line)
    if (entry) [, name = '', version = ''] = entry
    version = /^ +version:? "?([^\s"]+)"?$/.exec(line)?.[1] ?? version
    const digest = /^ +(?:.*\b)?(?:integrity|checksum):? ([^\s,}"]+)/.exec(line)?.[1]
    if (digest !== undefined) digests.set(`${name}@${version}`, digest)
  }
  return (_, ...of) => digests.get(of.join('@'))
}
