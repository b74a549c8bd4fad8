/**
 * A disk that loses its power: what was synced is there, of all else any part may be.
 *
 *   - A sync of a file makes what was written to it durable, not its name; a sync of a folder its names.
 *   - Of what was written since, each sector may be there or not, whatever was written first; a longer file may have got its
 *     length without its bytes. A sector is never torn.
 *   - Names that were made, changed or removed since may be so or not: on `strict` disks each by itself, as POSIX allows;
 *     on `ordered` ones up to a moment, and any sync settles all names before it, as journalling file systems do.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Dice } from '../core/dice.ts'
import type { DiskCall, Traced } from './trace.ts'

export type Order = 'strict' | 'ordered'

type Change =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'size'; readonly size: number }

interface File {
  durable: Buffer
  readonly pending: Change[]
  /** With all that is pending. */
  size: number
}

/** A name, or what a rename does to two of them, that no sync has settled. */
interface NameChange {
  readonly folders: readonly string[]
  readonly apply: (names: Map<string, Entry>) => void
}

type Entry = { readonly kind: 'folder' } | { readonly kind: 'file'; readonly file: File }

interface Handle {
  readonly path: string
  readonly file: File | undefined
  position: number
}

export class Disk {
  readonly #root: string
  readonly #order: Order
  /** As the running system sees them, and as they are on the platter. By path. */
  readonly #names = new Map<string, Entry>()
  readonly #durable = new Map<string, Entry>()
  #changes: NameChange[] = []
  /** By process and descriptor. */
  readonly #handles = new Map<string, Handle>()

  /** `root`: what is under this path matters; it is there already. */
  constructor(root: string, order: Order) {
    this.#root = root
    this.#order = order
    this.#names.set(root, { kind: 'folder' })
    this.#durable.set(root, { kind: 'folder' })
  }

  apply({ call, process }: Pick<Traced, 'call' | 'process'>): void {
    const key = 'fd' in call ? `${process} ${call.fd}` : ''
    const handle = this.#handles.get(key)
    switch (call.kind) {
      case 'open':
        return this.#open(key, call)
      case 'close':
        return void this.#handles.delete(key)
      case 'write':
        return this.#write(handle, call)
      case 'truncate':
        return this.#resize(handle?.file, call.size)
      case 'sync':
        return this.#sync(handle)
      case 'folder':
        return this.#name(call.path, { kind: 'folder' })
      case 'remove':
        return this.#forget(call.path)
      case 'rename':
        return this.#rename(call.from, call.to)
    }
  }

  /** Lays down in `folder` what the disk may hold when the power comes back. */
  fail(folder: string, dice: Dice): void {
    const names = new Map(this.#durable)
    const kept = this.#order === 'ordered' ? dice.roll(this.#changes.length + 1) : this.#changes.length
    for (const { apply } of this.#changes.slice(0, kept))
      if (this.#order === 'ordered' || dice.roll(2) === 0) apply(names)
    const reachable = (path: string): boolean =>
      path === this.#root || (names.get(dirname(path))?.kind === 'folder' && reachable(dirname(path)))
    for (const path of [...names.keys()].sort()) {
      const entry = names.get(path)
      if (!entry || !reachable(path)) continue
      const target = join(folder, path.slice(this.#root.length))
      if (entry.kind === 'folder') mkdirSync(target, { recursive: true })
      else writeFileSync(target, contentAfter(entry.file, dice))
    }
  }

  #open(key: string, { path, creates, empties }: Extract<DiskCall, { kind: 'open' }>): void {
    if (!path.startsWith(this.#root)) return void this.#handles.delete(key)
    if (creates && !this.#names.has(path))
      this.#name(path, { kind: 'file', file: { durable: Buffer.alloc(0), pending: [], size: 0 } })
    const entry = this.#names.get(path)
    const file = entry?.kind === 'file' ? entry.file : undefined
    if (empties && file && file.size > 0) this.#resize(file, 0)
    this.#handles.set(key, { path, file, position: 0 })
  }

  #write(handle: Handle | undefined, { bytes, at }: Extract<DiskCall, { kind: 'write' }>): void {
    if (!handle?.file) return
    const place = at ?? handle.position
    if (at === undefined) handle.position += bytes.length
    handle.file.pending.push({ kind: 'write', at: place, bytes })
    handle.file.size = Math.max(handle.file.size, place + bytes.length)
  }

  #resize(file: File | undefined, size: number): void {
    if (!file) return
    file.pending.push({ kind: 'size', size })
    file.size = size
  }

  #sync(handle: Handle | undefined): void {
    if (!handle) return
    const { file, path } = handle
    if (file) {
      file.durable = file.pending.reduce(applied, file.durable)
      file.pending.length = 0
    }
    this.#settle(change => this.#order === 'ordered' || (!file && change.folders.includes(path)))
  }

  #settle(isSettled: (change: NameChange) => boolean): void {
    const open: NameChange[] = []
    for (const change of this.#changes) {
      if (isSettled(change)) change.apply(this.#durable)
      else open.push(change)
    }
    this.#changes = open
  }

  #change(folders: readonly string[], apply: NameChange['apply']): void {
    apply(this.#names)
    this.#changes.push({ folders, apply })
  }

  #name(path: string, entry: Entry): void {
    if (path.startsWith(this.#root)) this.#change([dirname(path)], names => void names.set(path, entry))
  }

  #forget(path: string): void {
    if (path.startsWith(this.#root)) this.#change([dirname(path)], names => void names.delete(path))
  }

  #rename(from: string, to: string): void {
    const entry = this.#names.get(from)
    if (!entry) return
    this.#change([dirname(from), dirname(to)], names => {
      names.delete(from)
      names.set(to, entry)
    })
  }
}

function applied(content: Buffer, change: Change): Buffer {
  const size = change.kind === 'size' ? change.size : Math.max(content.length, change.at + change.bytes.length)
  const next = Buffer.alloc(size)
  content.copy(next, 0, 0, Math.min(content.length, size))
  if (change.kind === 'write') change.bytes.copy(next, change.at)
  return next
}

/** Nothing of what is pending, all of it, a beginning, or here and there a sector. */
function contentAfter({ durable, pending }: File, dice: Dice): Buffer {
  if (pending.length === 0) return durable
  const how = dice.pick(['nothing', 'all', 'beginning', 'sectors', 'sectors'])
  if (how === 'nothing') return durable
  if (how === 'all') return pending.reduce(applied, durable)
  const sectors = pending.flatMap(change => sectorsOf(change, dice.pick([512, 4_096])))
  if (how === 'beginning') return sectors.slice(0, dice.roll(sectors.length + 1)).reduce(applied, durable)
  const kept = sectors.filter(() => dice.roll(2) === 0).reduce(applied, durable)
  const whole = pending.reduce(
    (size, change) => (change.kind === 'size' ? change.size : Math.max(size, change.at + change.bytes.length)),
    durable.length,
  )
  return dice.roll(2) === 0 && whole > kept.length ? applied(kept, { kind: 'size', size: whole }) : kept
}

/** Cut where sectors end. */
function sectorsOf(change: Change, sectorBytes: number): readonly Change[] {
  if (change.kind === 'size') return [change]
  const parts: Change[] = []
  for (let at = change.at; at < change.at + change.bytes.length; ) {
    const end = Math.min(change.at + change.bytes.length, (Math.floor(at / sectorBytes) + 1) * sectorBytes)
    parts.push({ kind: 'write', at, bytes: change.bytes.subarray(at - change.at, end - change.at) })
    at = end
  }
  return parts
}
