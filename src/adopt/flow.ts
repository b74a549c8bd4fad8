/**
 * What flows between units by way of files: who wrote what another one read, in the order in which it really happened.
 * Commands that change the same file belong together; a file that is read before somebody else writes it is a hazard
 * (Spall, Mitchell, Tobin-Hochstadt: Build Scripts with Perfect Dependencies, OOPSLA 2020, section 2.3).
 *
 *   A3. A unit uses a file of another unit exactly when it read what that unit had written last.
 */
import type { Touch } from '../sight/processes.ts'
import type { Unit } from './units.ts'

export interface Flow {
  /** By unit. */
  readonly doings: readonly Doing[]
  /** Units that have a hand in one file, the earlier one first. */
  readonly shared: readonly Shared[]
  /** Who wrote a file last, of those that nobody has taken away. */
  readonly owners: ReadonlyMap<string, number>
  /** Who read a file, and who changed it or took it away after that. */
  readonly orders: readonly Order[]
  readonly hazards: readonly Hazard[]
}

export interface Order {
  readonly reader: number
  readonly then: number
}

export interface Doing {
  /** Files of the project that were there before the build. */
  readonly sources: ReadonlySet<string>
  /** Files that another unit had written, and which. */
  readonly uses: ReadonlyMap<string, number>
  /** What it wrote and did not take away itself. */
  readonly wrote: ReadonlySet<string>
  /** What it took away of others. */
  readonly deleted: ReadonlySet<string>
  readonly lists: ReadonlySet<string>
  /** It took away what another unit then made anew: without it that one would find the old file. */
  readonly clears: boolean
}

export interface Shared {
  readonly path: string
  readonly first: number
  readonly then: number
  readonly how: 'overwrites' | 'changes' | 'deletes'
}

export type Hazard =
  /** `together`: they ran at the same time, so that another time the other one may be last. */
  | {
      readonly kind: 'two-writers'
      readonly path: string
      readonly units: readonly [number, number]
      readonly together: boolean
    }
  | {
      readonly kind: 'read-before-write'
      readonly path: string
      readonly reader: number
      readonly writer: number
      readonly together: boolean
    }
  /** A file that was there before the build. */
  | { readonly kind: 'changes-source'; readonly path: string; readonly unit: number }
  | { readonly kind: 'deletes-source'; readonly path: string; readonly unit: number }
  /** Its reader ran after it only by luck: nothing told the tool to wait. */
  | { readonly kind: 'undeclared-order'; readonly path: string; readonly writer: number; readonly reader: number }

export interface Ground {
  /** Files that were there before the build. */
  wasThere(path: string): boolean
  /** Whether its stamp is the same before and after. */
  isUnchanged(path: string): boolean
  isOurs(path: string): boolean
  /** Where a link leads, one step of the way; undefined when it is none. */
  linkTarget(path: string): string | undefined
}

interface Mutable {
  readonly sources: Set<string>
  readonly uses: Map<string, number>
  readonly wrote: Set<string>
  readonly deleted: Set<string>
  readonly lists: Set<string>
  clears: boolean
}

interface Following {
  readonly units: readonly Unit[]
  readonly ground: Ground
  readonly doings: readonly Mutable[]
  /** Who wrote a file last; `gone` when somebody took it away. */
  readonly writers: Map<string, number>
  readonly gone: Set<string>
  /** Who took away what somebody else had written. */
  readonly takers: Map<string, number>
  /** Who has written a file and has not taken it away himself, the last one last. */
  readonly hands: Map<string, number[]>
  /** Who read a file since it was last written. */
  readonly readers: Map<string, Set<number>>
  readonly shared: Shared[]
  readonly orders: Order[]
  readonly hazards: Map<string, Hazard>
}

export function flowOf(units: readonly Unit[], ground: Ground): Flow {
  const following: Following = {
    units,
    ground,
    doings: units.map(() => ({
      sources: new Set(),
      uses: new Map(),
      wrote: new Set(),
      deleted: new Set(),
      lists: new Set(),
      clears: false,
    })),
    writers: new Map(),
    gone: new Set(),
    takers: new Map(),
    hands: new Map(),
    readers: new Map(),
    shared: [],
    orders: [],
    hazards: new Map(),
  }
  const touches = units.flatMap(unit => unit.touches.map(touch => ({ touch, unit: unit.id })))
  for (const { touch, unit } of touches.sort((a, b) => a.touch.seq - b.touch.seq)) followTouch(following, unit, touch)
  followLinks(following)
  const { doings, writers, shared, orders, hazards } = following
  return { doings, owners: writers, shared, orders, hazards: [...hazards.values()] }
}

function followTouch(following: Following, unit: number, touch: Touch): void {
  const { ground, doings } = following
  const doing = doings[unit]
  if (doing === undefined) return
  switch (touch.kind) {
    case 'read':
      for (const path of [touch.path, touch.from])
        if (path !== undefined && ground.isOurs(path)) read(following, unit, path)
      return
    case 'list':
      if (ground.isOurs(touch.path)) doing.lists.add(touch.path)
      return
    case 'write':
      if (ground.isOurs(touch.path)) write(following, unit, touch.path)
      return
    case 'update':
      if (ground.isOurs(touch.path)) update(following, unit, touch.path)
      return
    case 'delete':
      if (ground.isOurs(touch.path)) remove(following, unit, touch.path)
      return
    case 'rename':
      if (touch.from !== undefined) rename(following, unit, touch.from, touch.path)
      return
    case 'look':
    case 'absent':
    case 'mkdir':
      return
  }
}

const isThere = ({ writers, gone, ground }: Following, path: string): boolean =>
  writers.has(path) || (ground.wasThere(path) && !gone.has(path))

function read(following: Following, unit: number, path: string): void {
  const { doings, writers, readers, ground } = following
  const doing = doings[unit]
  const writer = writers.get(path)
  if (doing === undefined || writer === unit) return
  if (writer !== undefined) doing.uses.set(path, writer)
  else if (ground.wasThere(path)) doing.sources.add(path)
  else return
  const known = readers.get(path)
  if (known === undefined) readers.set(path, new Set([unit]))
  else known.add(unit)
}

/** Made anew: what was there is of no interest. */
function write(following: Following, unit: number, path: string): void {
  const { doings, gone, ground, takers, hands } = following
  noteReaders(following, unit, path, 'written')
  const before = hands.get(path) ?? []
  // Who has read it before makes a changed copy of it, as ranlib does.
  const isChange = doings[unit]?.uses.has(path) === true
  shareAll(following, unit, path, isChange ? 'changes' : 'overwrites')
  if (before.length === 0 && ground.wasThere(path) && !gone.has(path) && !ground.isUnchanged(path))
    addHazard(following, { kind: 'changes-source', path, unit })
  // Taken away and made anew, as assemblers do.
  if (following.hazards.delete(keyOf({ kind: 'deletes-source', path, unit })))
    addHazard(following, { kind: 'changes-source', path, unit })
  const taker = doings[takers.get(path) ?? -1]
  if (taker !== undefined) taker.clears = true
  takers.delete(path)
  own(following, unit, path)
}

/** From now on a file is what this unit has made of it. */
function own({ doings, writers, gone, readers, hands }: Following, unit: number, path: string): void {
  hands.set(path, [...(hands.get(path) ?? []).filter(each => each !== unit), unit])
  doings[unit]?.wrote.add(path)
  writers.set(path, unit)
  gone.delete(path)
  readers.delete(path)
}

/** Opened with what was in it. */
function update(following: Following, unit: number, path: string): void {
  const { writers, ground } = following
  if (!isThere(following, path)) return write(following, unit, path)
  const before = writers.get(path)
  if (before === unit) return
  if (before === undefined) {
    read(following, unit, path)
    // Opened for writing, and not written: a lock, a probe.
    if (ground.isUnchanged(path)) return
    return write(following, unit, path)
  }
  read(following, unit, path)
  shareAll(following, unit, path, 'changes')
  noteReaders(following, unit, path, 'written')
  own(following, unit, path)
}

function remove(following: Following, unit: number, path: string): void {
  const { doings, writers, gone, ground } = following
  const before = writers.get(path)
  if (before === unit) {
    doings[unit]?.wrote.delete(path)
    following.hands.set(
      path,
      (following.hands.get(path) ?? []).filter(each => each !== unit),
    )
  } else if (before !== undefined) {
    share(following, path, before, unit, 'deletes')
    doings[unit]?.deleted.add(path)
    following.takers.set(path, unit)
  } else if (ground.wasThere(path) && !gone.has(path)) addHazard(following, { kind: 'deletes-source', path, unit })
  noteReaders(following, unit, path, 'deleted')
  following.readers.delete(path)
  writers.delete(path)
  gone.add(path)
}

function rename(following: Following, unit: number, from: string, to: string): void {
  const { ground, writers } = following
  const nested = [...writers.keys()].filter(path => path.startsWith(`${from}/`))
  for (const path of nested) rename(following, unit, path, to + path.slice(from.length))
  if (nested.length > 0) return
  if (ground.isOurs(from)) {
    read(following, unit, from)
    remove(following, unit, from)
  }
  if (ground.isOurs(to)) write(following, unit, to)
}

/** A link holds what its target holds, whichever of them was made first. */
function followLinks({ doings, writers, ground }: Following): void {
  for (const [path, unit] of writers) {
    const target = ground.linkTarget(path)
    if (target === undefined || !ground.isOurs(target)) continue
    const writer = writers.get(target)
    if (writer === undefined) doings[unit]?.sources.add(target)
    else if (writer !== unit) doings[unit]?.uses.set(target, writer)
  }
}

function shareAll(following: Following, unit: number, path: string, how: Shared['how']): void {
  for (const before of following.hands.get(path) ?? []) if (before !== unit) share(following, path, before, unit, how)
}

function share(following: Following, path: string, first: number, then: number, how: Shared['how']): void {
  following.shared.push({ path, first, then, how })
  const together = overlap(following.units, first, then)
  // To change what another one made is a recipe of several lines; at the same time it is none.
  if (how === 'overwrites' || (how === 'changes' && together))
    addHazard(following, { kind: 'two-writers', path, units: [first, then], together })
}

/** Whoever read it saw something else than what comes now. */
function noteReaders(following: Following, then: number, path: string, what: 'written' | 'deleted'): void {
  for (const reader of following.readers.get(path) ?? []) {
    if (reader === then) continue
    following.orders.push({ reader, then })
    const together = overlap(following.units, reader, then)
    if (what === 'written') addHazard(following, { kind: 'read-before-write', path, reader, writer: then, together })
  }
}

function overlap(units: readonly Unit[], a: number, b: number): boolean {
  const [one, other] = [units[a], units[b]]
  return one !== undefined && other !== undefined && one.startSeq < other.endSeq && other.startSeq < one.endSeq
}

function addHazard({ hazards }: Following, hazard: Hazard): void {
  hazards.set(keyOf(hazard), hazard)
}

function keyOf(hazard: Hazard): string {
  const { kind, path } = hazard
  const who =
    'unit' in hazard ? hazard.unit : 'units' in hazard ? hazard.units.join() : `${hazard.reader} ${hazard.writer}`
  return `${kind} ${path} ${who}`
}
