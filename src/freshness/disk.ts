/** What freshness asks of files: their content by hash, whether an output is as it was left, and to put it back. */
import { statSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import type { ValueRef } from '../core/engine/protocol.ts'
import { Refusal } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import type { Stamps, ValueStore } from '../values/index.ts'

export interface Disk {
  /** The content of a file, or the listing of a folder; null: nothing is there, or nothing that can be read. */
  hashNow(path: string): Hash | null
  /** Whether what the value stands for is on disk as it was captured; false when that takes longer to tell (`putBack`). */
  isRight(ref: ValueRef): boolean
  /** Makes it so, as far as it is not; false when the store has not got the content any more. */
  putBack(refs: readonly ValueRef[]): Promise<boolean>
  /** Where the output lies; '' for what is none. */
  placeOf(ref: ValueRef): string
  /** As it stands in a trace, and back. */
  shown(path: string): string
  absolute(path: string): string
}

export interface DiskOptions {
  /** What kept paths are relative to. */
  readonly base: string
  readonly values: Pick<ValueStore, 'decode' | 'outputs'>
  readonly stamps: Stamps
}

/** What the store says when it has lost, or mistrusts, what it kept. */
const LOST: ReadonlySet<string> = new Set(['BLOB_MISSING', 'BLOB_DAMAGED', 'VALUE_DAMAGED', 'CODEC_UNKNOWN'])

export function newDisk({ base, values, stamps }: DiskOptions): Disk {
  const hashNow = (path: string): Hash | null => {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats) return null
    try {
      return stats.isDirectory() ? stamps.listNow(path, stats) : stamps.hashNow(path, stats).hash
    } catch {
      return null
    }
  }

  return {
    hashNow,
    isRight: ref => values.outputs.isRight(ref) === true,
    async putBack(refs) {
      try {
        for (const ref of refs) await values.decode(ref)
        return true
      } catch (error) {
        if (error instanceof Refusal && error.diagnostics.some(({ code }) => LOST.has(code))) return false
        throw error
      }
    },
    placeOf: ref => {
      const place = values.outputs.placeOf(ref)
      // Of what is too large to stand in the event it is not worth a wait: it was written, so it is among what was.
      return typeof place === 'string' ? place : ''
    },
    absolute: path => resolve(base, path),
    shown: path => relative(base, path).split(sep).join('/') || '.',
  }
}
