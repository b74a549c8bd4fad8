/**
 * Names of files for what may be called anything: step paths with slashes in keys, dots, control characters, several hundred
 * characters. As near to what they are called as can be; the index of a checkout says what is whose.
 *
 *   K1. A name never leads out of the folder that it is for.
 *   K2. No two are the same file, also where a file system does not tell cases or forms of Unicode apart.
 *   K3. None is both a file and a folder.
 */
import { sha256 } from '../../values/index.ts'

/** Of file systems it is 255 bytes, and an ending comes to it. */
const PART_BYTES_MAX = 200
const PATH_BYTES_MAX = 1_000

/** One name of a path, with `/` and what cannot stand in a name escaped. */
export function safePart(part: string): string {
  const escaped = /^\.{0,2}$/.test(part)
    ? part.replaceAll('.', '%2E') || '%'
    : part.replace(/[\u0000-\u001f\u007f/\\]|\p{Surrogate}/gu, percent)
  return Buffer.byteLength(escaped) <= PART_BYTES_MAX ? escaped : `${clipped(escaped)}~${tag(part)}`
}

const percent = (character: string): string =>
  `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}`

const tag = (text: string): string => sha256(text).slice(0, 16)

/** Whole characters of three bytes at most, and half a pair left out. */
const clipped = (text: string): string => text.slice(0, 60).replace(/\p{Surrogate}$/u, '')

/** A step's path as names of folders and a file: what is in brackets is one name, whatever it holds. */
function partsOf(path: string): readonly string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const character of path) {
    if (character === '[') depth += 1
    if (character === ']' && depth > 0) depth -= 1
    if (character === '/' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map(safePart)
}

export interface Names {
  /** The path, with `/`, of the file of what is told apart by `id` and called `path`. The same id and ending give it again. */
  of(id: string, path: string, ending: string): string
}

/** In one folder. Names hang on what has been asked for before, so ask in an order that is always the same. */
export function newNames(): Names {
  const given = new Map<string, string>()
  const files = new Set<string>()
  const folders = new Set<string>()

  const isFree = (name: string): boolean => {
    const key = keyOf(name)
    return !files.has(key) && !folders.has(key) && foldersOf(key).every(folder => !files.has(folder))
  }
  const take = (name: string): string => {
    const key = keyOf(name)
    files.add(key)
    for (const folder of foldersOf(key)) folders.add(folder)
    return name
  }
  const choose = (id: string, path: string, ending: string): string => {
    const plain = partsOf(path).join('/')
    const short = Buffer.byteLength(plain) <= PATH_BYTES_MAX ? plain : `~/${tag(id)}`
    if (isFree(short + ending)) return take(short + ending)
    const marked = `${short}~${tag(id)}${ending}`
    return take(isFree(marked) ? marked : `~/${sha256(id)}${ending}`)
  }

  return {
    of(id, path, ending) {
      const key = `${id}\0${ending}`
      const name = given.get(key) ?? choose(id, path, ending)
      given.set(key, name)
      return name
    },
  }
}

/** What some file systems take for the same. */
const keyOf = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase()

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
