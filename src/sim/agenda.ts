/**
 * Virtual time: what will happen, and when. Time stands still while anything can still happen at this instant, then jumps to
 * the next entry.
 *
 *   A1. Time never goes back, and no entry is called before its instant.
 *   A2. Entries of one instant are called in their order, or in an order that the seed decides.
 *   A3. An entry is called only when the world is quiet: nothing works, and the shell has nothing left to do.
 */
import { newHeap } from '../util/heap.ts'
import type { Random } from './random.ts'

export interface Agenda {
  readonly nowMs: number
  /** Orders what happens at one instant: 0 without a seed. */
  readonly tie: () => number
  /** Calls back at the instant, or now when it has passed; the returned function takes it back. */
  at(instantMs: number, call: () => void): () => void
  /** Calls back whenever time has jumped. */
  onJump(call: () => void): () => void
  /** Calls back in the next round of the event loop. Until then the world is not quiet. */
  soon(call: () => void): void
  /** Something works, in real time: until `end` the world is not quiet. */
  work(what: string): Work
  /** Resolves when nothing more can happen at this instant (A3). Rejects when something works for longer than `patienceMs`. */
  quiet(patienceMs: number): Promise<void>
  /** The instant of the next entry. */
  readonly nextMs: number | undefined
  /** Goes to the next entry and calls it. */
  advance(): void
}

export interface Work {
  /** It waits for something of this world. */
  pause(): void
  resume(): void
  end(): void
}

/** Nothing has moved although real time has passed. */
export class Hanging extends Error {
  override readonly name = 'Hanging'
  readonly works: readonly string[]

  constructor(works: readonly string[]) {
    super(`still at work: ${works.join(', ')}`)
    this.works = works
  }
}

interface Entry {
  readonly atMs: number
  readonly tie: number
  readonly order: number
  readonly call: () => void
  taken: boolean
}

/** Entries that were taken back stay until they come up, or until they are half of so many. */
const SWEEP_SIZE_MIN = 1_000

/** `chance` orders entries of one instant; absent: first come, first served. */
export function newAgenda(startMs: number, chance: Random | undefined): Agenda {
  const tie = chance ?? (() => 0)
  const heap = newHeap<Entry>(isBefore)
  const jumps = new Set<() => void>()
  const works = new Set<string>()
  let nowMs = startMs
  let order = 0
  let soons = 0
  let busy = 0
  let onFree: (() => void) | undefined
  let takenBack = 0

  const takeBack = (entry: Entry): void => {
    if (entry.taken) return
    entry.taken = true
    takenBack += 1
    if (takenBack * 2 < Math.max(heap.size, SWEEP_SIZE_MIN)) return
    heap.retain(each => !each.taken)
    takenBack = 0
  }

  const first = (): Entry | undefined => {
    for (; heap.first?.taken; heap.pop()) takenBack -= 1
    return heap.first
  }

  const changeBusy = (by: number): void => {
    busy += by
    if (busy === 0) onFree?.()
  }

  const free = (patienceMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Hanging([...works])), patienceMs)
      onFree = () => {
        onFree = undefined
        clearTimeout(timer)
        resolve()
      }
    })

  return {
    tie,
    get nowMs() {
      return nowMs
    },
    at(instantMs, call) {
      const entry: Entry = {
        atMs: Math.max(nowMs, instantMs),
        tie: tie(),
        order: (order += 1),
        call,
        taken: false,
      }
      heap.push(entry)
      return () => takeBack(entry)
    },
    onJump(call) {
      jumps.add(call)
      return () => void jumps.delete(call)
    },
    soon(call) {
      soons += 1
      setImmediate(() => {
        soons -= 1
        call()
      })
    },
    work(what) {
      let phase: 'working' | 'paused' | 'ended' = 'working'
      works.add(what)
      changeBusy(1)
      const become = (next: typeof phase): void => {
        if (phase === 'ended') return
        const by = Number(next === 'working') - Number(phase === 'working')
        phase = next
        if (next === 'working') works.add(what)
        else works.delete(what)
        changeBusy(by)
      }
      return { pause: () => become('paused'), resume: () => become('working'), end: () => become('ended') }
    },
    async quiet(patienceMs) {
      do {
        if (busy > 0) await free(patienceMs)
        // All that only waits for promises has gone on when the loop comes round.
        await new Promise(resolve => setImmediate(resolve))
      } while (busy > 0 || soons > 0)
    },
    get nextMs() {
      return first()?.atMs
    },
    advance() {
      const entry = first()
      if (!entry) return
      heap.pop()
      entry.taken = true
      const jumped = entry.atMs > nowMs
      nowMs = Math.max(nowMs, entry.atMs)
      if (jumped) for (const call of [...jumps]) call()
      entry.call()
    },
  }
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.atMs === b.atMs ? (a.tie === b.tie ? a.order < b.order : a.tie < b.tie) : a.atMs < b.atMs
