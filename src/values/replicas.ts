/**
 * Where replicas stand: folders in which a version runs with the inputs that it had, each in place of the folder that paths in
 * the store are relative to. So a path means the same in a replica as in the project, and keys and values are the same, too.
 *
 *     <store>/replicas/<line>/<number>/base/…      what stands for the base
 *     <store>/replicas/<line>/<number>/up/base/…   the same for a version that takes in files from beside the base: `../x`
 */
import { join } from 'node:path'
import { sha256 } from './digest.ts'
import { inside } from './paths.ts'

const FOLDER = 'replicas'
const BASE = 'base'
const UP = 'up'
/** Of file systems it is 255; a longer name stands there by its hash. */
const NAME_LENGTH_MAX = 200

export const replicasFolder = (store: string): string => join(store, FOLDER)

/** Of a version: what is removed when the replica goes. */
export const replicaFolder = (store: string, line: string, number: string): string =>
  join(replicasFolder(store), nameOf(line), number)

/** `ups`: so many folders around the base are needed. */
export const replicaBase = (replica: string, ups: number): string =>
  join(replica, ...Array.from({ length: ups }, () => UP), BASE)

function nameOf(line: string): string {
  const name = encodeURIComponent(line)
  return name.length <= NAME_LENGTH_MAX ? name : `~${sha256(line)}`
}

/** What a path in a replica belongs to. */
export interface InReplica {
  /** As `replicaFolder` gives it. */
  readonly replica: string
  /** The folder that stands for the base. */
  readonly base: string
  /** Of the version; undefined: its name is too long for a folder's. */
  readonly line: string | undefined
}

/** undefined: the path lies in no replica of the store. */
export function inReplica(store: string, path: string): InReplica | undefined {
  const folder = replicasFolder(store)
  const [line, number, ...rest] = inside(folder, path)?.split('/') ?? []
  const ups = rest.findIndex(name => name !== UP)
  if (line === undefined || number === undefined || rest[ups] !== BASE) return undefined
  const replica = join(folder, line, number)
  return { replica, base: replicaBase(replica, ups), line: line.startsWith('~') ? undefined : decodeURIComponent(line) }
}
