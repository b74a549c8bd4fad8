/** Joins what runs may take from one another to one run: its store, its code, its folder, its environment. */
import { relative, sep } from 'node:path'
import type { Node, StepId } from '../core/index.ts'
import { type Disk, type Freshness, type Key, type Ledger, newDisk, newFreshness } from '../freshness/index.ts'
import type { Code } from '../dsl/code.ts'
import type { Store, Trace } from '../store/store.ts'
import { type Hash, hashBytes } from '../util/hash.ts'
import { canonicalJson } from '../util/json.ts'
import { baseOf, evaluateSoon, inReplica, sha256, type Stamps, type ValueStore, whenHere } from '../values/index.ts'
import type { ValueRef } from '../core/index.ts'
import type { Evaluation } from './evaluate/evaluation.ts'
import type { Looked } from './looked.ts'
import type { Runnable } from './runnable.ts'

/** What a launcher knows about results of other runs. */
export interface Reuse {
  readonly stamps: Stamps
  /** Results of effects that still stand, by key (`tutti up`: all that it does is one session). */
  readonly effects?: Map<Hash, Trace>
  /** What sources hung on that this process has looked at. */
  readonly looked?: Looked
  /** Keys of earlier runs of the same workflow in this process. */
  readonly keys?: Map<StepId, Key>
  readonly ledger?: Ledger
  /** Stands between a run and what it asks: to look on, or to change nothing on disk (./plan.ts). */
  readonly around?: { disk(disk: Disk): Disk; freshness(freshness: Freshness): Freshness }
}

interface FreshOptions {
  readonly store: Store
  readonly runnable: Runnable
  readonly run: string
  readonly values: ValueStore
  readonly evaluation: Evaluation
  readonly reuse: Reuse
  /** Steps that take nothing. */
  readonly isForced: (step: StepId, node: Node) => boolean
  readonly now: () => number
}

export function freshnessOf(options: FreshOptions): Freshness {
  const { store, runnable, run, values, evaluation, reuse } = options
  const { cwd } = runnable
  const base = baseOf(store.path, cwd)
  const disk = newDisk({ base, values, stamps: reuse.stamps })
  const freshness = newFreshness({
    store,
    disk: reuse.around?.disk(disk) ?? disk,
    run,
    scope: scopeOf(runnable),
    codeOf: codesOf(runnable),
    context: {
      refOf: bound =>
        whenHere<unknown, ValueRef | Promise<ValueRef>>(evaluateSoon(bound, evaluation.environment), value =>
          values.encodeSoon(value, { task: runnable.name }),
        ) as ValueRef | Promise<ValueRef>,
      env: process.env,
      platform: `${process.platform}-${process.arch} node${process.versions.node.split('.')[0]}`,
      place: relative(base, cwd).split(sep).join('/'),
    },
    ...(inReplica(store.path, cwd) ? { apart: 'replica' } : {}),
    isForced: options.isForced,
    ...(reuse.effects ? { effects: reuse.effects } : {}),
    ...(reuse.keys ? { keys: reuse.keys } : {}),
    ...(reuse.looked ? { seenOf: reuse.looked.seenOf } : {}),
    now: options.now,
    ...(reuse.ledger ? { ledger: reuse.ledger } : {}),
  })
  return reuse.around?.freshness(freshness) ?? freshness
}

/**
 * By the address of a task. What a file arranges round its tasks (middleware, codecs, routes) may be in any of its modules, so
 * where there is such a thing each change of the bundle counts.
 */
function codesOf({ bindings, configurations, bundle }: Runnable): (task: string) => Code | undefined {
  const arranged = configurations.length > 0 && bundle ? { configuration: hashBytes(bundle) } : undefined
  return task => {
    const definition = bindings.definitions.get(task)
    const code = definition && 'code' in definition ? definition.code?.() : undefined
    if (code?.kind !== 'closed' || !arranged) return code
    const parts = { ...code.parts, ...arranged }
    return { ...code, hash: sha256(canonicalJson(parts)), parts }
  }
}

/** What steps of one id are told apart by. */
export const scopeOf = ({ file, name }: Pick<Runnable, 'file' | 'name'>): string => `${file}#${name}`

/** `--fresh`: by id or display name, or `*`. */
export const forcedBy =
  (names: readonly string[]) =>
  (step: StepId, node: Node): boolean =>
    names.length > 0 && (names.includes('*') || names.includes(step) || names.includes(node.name))
