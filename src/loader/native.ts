/**
 * What counts of files that Node loads itself, of which there is no syntax tree: CommonJS modules by the bytes of all local
 * files that they require by a literal path; a package that is no release by the bytes of all its files.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { toBase64 } from '../util/base64.ts'
import type { Hash } from '../util/hash.ts'
import type { KeptFile } from './bundle.ts'

const REQUIRE = /\brequire\s*\(\s*(['"`])(\.{1,2}\/[^'"`]*)\1\s*\)/g
const ENDINGS = ['', '.js', '.cjs', '.json', '.node', '/index.js', '/index.cjs', '/index.json']

/** `file` and all that it requires, absolute, in a fixed order. */
export function requiredFiles(file: string): readonly string[] {
  const found = new Set([file])
  for (const each of found) {
    if (/\.(?:json|node)$/.test(each)) continue
    for (const [, , path = ''] of readFileSync(each, 'utf8').matchAll(REQUIRE)) {
      const wanted = resolve(dirname(each), path)
      const target = ENDINGS.map(ending => wanted + ending).find(isFile)
      if (target !== undefined) found.add(target)
    }
  }
  return [...found]
}

/** What a bundle keeps of one module that Node loads: it is written into the store for each new state of it. */
const KEPT_BYTES_MAX = 1024 * 1024

/** The content of `files`, by their names as seen from `root`; undefined when that would be too much. */
export function keptFiles(root: string, files: readonly string[]): { readonly [path: string]: KeptFile } | undefined {
  const contents = [...files].sort().map(file => [nameFrom(root, file), readFileSync(file)] as const)
  if (contents.reduce((sum, [, bytes]) => sum + bytes.length, 0) > KEPT_BYTES_MAX) return undefined
  return Object.fromEntries(contents.map(([name, bytes]) => [name, keptFile(bytes)]))
}

function keptFile(bytes: Uint8Array): KeptFile {
  try {
    // With its byte order mark, if it has one: the same bytes are written again.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { base64: toBase64(bytes) }
  }
}

/** Of all files of a package but its own packages. */
export function folderHash(folder: string): Hash {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(each => each.isFile())
    .map(each => join(each.parentPath, each.name))
    .filter(file => !relative(folder, file).split(sep).includes('node_modules'))
  return filesHash(folder, files)
}

/** Of names, as seen from `root`, and bytes. */
export function filesHash(root: string, files: readonly string[]): Hash {
  const hash = createHash('sha256')
  for (const file of [...files].sort()) {
    const bytes = readFileSync(file)
    hash.update(`${nameFrom(root, file)}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

const nameFrom = (root: string, file: string): string => relative(root, file).split(sep).join('/')

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
