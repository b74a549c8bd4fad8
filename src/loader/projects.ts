/**
 * Which project a module of a bundle belongs to: the nearest folder around it that holds a `tutti.*` of the same bundle.
 * It follows from the modules' paths alone, so it is the same from disk and from a kept bundle.
 */
import type { Bundle } from './bundle.ts'

const FILE = /(?:^|\/)tutti\.m?[jt]s$/

/** The folder of a module's project, as seen from the entry's, which is `''` whatever its file is called; undefined: none. */
export function projectsOf({ modules }: Pick<Bundle, 'modules'>): (path: string) => string | undefined {
  const folders = new Set([
    '',
    ...Object.keys(modules)
      .filter(path => FILE.test(path))
      .map(folderOf),
  ])
  return path => {
    // Above the entry's folder there is no end: `../..` is around `..`.
    for (let at = folderOf(path); ; at = folderOf(at)) {
      if (folders.has(at)) return at
      if (at === '..' || at.endsWith('/..')) return aboveOf(at, folders)
    }
  }
}

function aboveOf(folder: string, folders: ReadonlySet<string>): string | undefined {
  const longest = Math.max(...[...folders].map(each => each.length))
  for (let at = folder; at.length <= longest; at = `${at}/..`) if (folders.has(at)) return at
  return undefined
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
