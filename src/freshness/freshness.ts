/**
 * What a run may take from others: for each step that could run, whether its result is known under its key, and whether all
 * that it hangs on and all that it wrote is still as it was.
 *
 *   F1. A result is taken only if a step with an equal key gave it, and every file that step was seen to read beside its
 *       arguments has the content that it had.
 *   F2. When a result is taken, what the step wrote is on disk as the step left it: it is there, or it has been put back.
 *   F3. What cannot be told (a function that closes over a local variable, `cache: 'off'`) is never taken and never kept.
 *   F4. Effects are never taken from another run, unless the caller says which ones still stand.
 *   F5. A result is kept only if the sources that its step was given are still what they were when it has ended: else it may
 *       have read something else than its key says.
 *   F6. What is done in a place where undeclared inputs are not what they are elsewhere (`apart`) is not for others. Their
 *       results may be taken there.
 */
import type { Bound, Outcome, StepId, ValueRef } from '../core/engine/protocol.ts'
import type { Node } from '../core/graph/graph.ts'
import type { Code } from '../dsl/code.ts'
import type { KeyParts, Store, Trace } from '../store/store.ts'
import type { Hash } from '../util/hash.ts'
import { unreachable } from '../util/unreachable.ts'
import { type Seen, whenHere } from '../values/index.ts'
import { type KeyContext, type KeyedNode, keyOf, keyParts } from './key.ts'
import type { Disk } from './disk.ts'
import type { Ledger } from './ledger.ts'

export interface FreshnessOptions {
  readonly store: Pick<Store, 'traces'>
  readonly disk: Disk
  readonly run: string
  /** `file#workflow`. */
  readonly scope: string
  /** What a task's function hangs on; undefined: nobody knows. */
  readonly codeOf: (task: string) => Code | undefined
  readonly context: KeyContext
  /** F6. Told apart by it. */
  readonly apart?: string
  /** Steps that run whatever is known. */
  readonly isForced: (step: StepId, node: Node) => boolean
  /** Results of effects that still stand, by their keys. */
  readonly effects?: Map<Hash, Trace>
  /** What a source's value hung on when it was looked at. */
  readonly seenOf?: (value: ValueRef) => Seen | undefined
  /** Keys of an earlier run in this process. */
  readonly keys?: Map<StepId, Key>
  readonly now: () => number
  /** Is told all that the run hangs on. */
  readonly ledger?: Ledger
}

/** What is known of a step before it runs. */
export type Verdict =
  /** `isLast`: the step gave it when it was asked for last. */
  | { readonly kind: 'known'; readonly key: Hash; readonly trace: Trace; readonly isLast: boolean }
  /** It must run. `key`: under which its result is kept; undefined: it is not. */
  | { readonly kind: 'runs'; readonly key: Key | undefined; readonly because: Because }

export interface Key {
  readonly hash: Hash
  readonly parts: KeyParts
  /** F6. The key that the step has elsewhere. */
  readonly elsewhere?: Hash
}

export type Because =
  | { readonly kind: 'not a task' }
  | { readonly kind: 'cache off' }
  | { readonly kind: 'forced' }
  /** It closes over a variable whose value no syntax tells. */
  | { readonly kind: 'open'; readonly code: Extract<Code, { kind: 'open' }> }
  /** A program that embeds Tutti has no loader that knows its code. */
  | { readonly kind: 'code unknown' }
  | { readonly kind: 'key unknown' }
  /** A file that an earlier attempt read is another one, and no other result of this key fits. */
  | { readonly kind: 'read changed'; readonly path: string }
  /** What it wrote is not there any more, and could not be put back. */
  | { readonly kind: 'output lost'; readonly path: string }

export type Soon<T> = T | Promise<T>

export interface Freshness {
  ask(step: StepId, node: Node, args: readonly Bound[]): Soon<Verdict>
  /** What others may take, of an attempt that succeeded; or why nothing is. */
  traceOf(done: Done): Kept
  /** The same result as that of this step in this run. */
  takenBy(step: StepId, trace: Trace): Trace
  /** Something goes on in the run that no later one can be spared. */
  block(why: string): void
  /** The last result of a step: what it wrote then is put back when it fails now. */
  restoreLast(step: StepId): Promise<void>
}

export type Kept =
  | { readonly kind: 'kept'; readonly trace: Trace }
  /** F5. */
  | { readonly kind: 'changed'; readonly path: string }
  /** It was to be seen what it reads, and was not. */
  | { readonly kind: 'unseen' }
  | { readonly kind: 'not kept' }

export interface Done {
  readonly step: StepId
  readonly node: Node
  readonly key: Key
  readonly args: readonly Bound[]
  readonly outcome: Extract<Outcome, { kind: 'succeeded' }>
  readonly seen: SeenFiles | undefined
  readonly ms: number
}

/** Absolute paths. */
export interface SeenFiles {
  readonly reads: ReadonlySet<string>
  readonly absent: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
}

export function newFreshness(options: FreshnessOptions): Freshness {
  const { store, disk, context, ledger } = options

  const keyFor = (step: StepId, node: KeyedNode, args: readonly Bound[], code: Hash): Soon<Key> => {
    const parts = keyParts(node, args, code, context)
    return parts instanceof Promise ? parts.then(known => remembered(step, known)) : remembered(step, parts)
  }

  /** To compare what a key is made of is ten times faster than to make it. */
  const remembered = (step: StepId, parts: KeyParts): Key => {
    const before = options.keys?.get(step)
    if (before && isSame(before.parts, parts)) return before
    const key = newKey(parts)
    options.keys?.set(step, key)
    return key
  }

  const newKey = (parts: KeyParts): Key => {
    if (options.apart === undefined) return { hash: keyOf(parts), parts }
    const own = { ...parts, where: `${parts.where} ${options.apart}` }
    return { hash: keyOf(own), parts: own, elsewhere: keyOf(parts) }
  }

  const ask = (step: StepId, node: Node, args: readonly Bound[]): Soon<Verdict> => {
    const verdict = verdictFor(step, node, args)
    if (!ledger) return verdict
    return verdict instanceof Promise ? verdict.then(later => noted(node, later, ledger)) : noted(node, verdict, ledger)
  }

  const verdictFor = (step: StepId, node: Node, args: readonly Bound[]): Soon<Verdict> => {
    if (!isKeyed(node)) return NOT_A_TASK
    if (node.policy.cache === 'off') return CACHE_OFF
    const code = options.codeOf(node.task)
    if (code === undefined) return CODE_UNKNOWN
    if (code.kind === 'open') return { kind: 'runs', key: undefined, because: { kind: 'open', code } }
    const keyed = keyFor(step, node, args, code.hash)
    // Not by a helper: this is asked of every step of a run in which nothing has changed.
    return keyed instanceof Promise ? keyed.then(key => verdictOf(step, node, key)) : verdictOf(step, node, keyed)
  }

  const verdictOf = (step: StepId, node: KeyedNode, key: Key): Soon<Verdict> => {
    if (options.isForced(step, node)) return runs(key, { kind: 'forced' })
    switch (node.kind) {
      case 'task':
        return lookup(step, key)
      case 'effect': {
        const standing = options.effects?.get(key.hash)
        if (standing) return firstGood([standing], key, { kind: 'not a task' })
        withdraw(step)
        return runs(key, { kind: 'not a task' })
      }
      case 'service':
        return runs(key, { kind: 'not a task' })
    }
  }

  /** What an effect did once does not stand any more when it is done with something else, even if that should fail. */
  const withdraw = (step: StepId): void => {
    for (const [hash, trace] of options.effects ?? []) if (trace.step === step) options.effects?.delete(hash)
  }

  /** All at once at the first question: most steps of most runs find what they gave last, and a question costs 50 µs. */
  let current: ReadonlyMap<StepId, Trace> | undefined
  /** What this run itself gives is not for its other steps. */
  let isNew: boolean | undefined

  const lookup = (step: StepId, key: Key): Soon<Verdict> => {
    isNew ??= store.traces.isEmpty()
    if (isNew) return runs(key, { kind: 'key unknown' })
    current ??= new Map(store.traces.current(options.scope).map(trace => [trace.step, trace]))
    const own = current.get(step)
    const others = (): Soon<Verdict> => firstGood(takeable(known(step, key), step), key, { kind: 'key unknown' })
    if (own?.key !== key.hash) return others()
    // The usual case, without a list.
    if (own.reads.length === 0 && putBack(own) === true)
      return { kind: 'known', key: key.hash, trace: own, isLast: true }
    return whenHere<Verdict, Soon<Verdict>>(firstGood([own], key, { kind: 'key unknown' }), verdict =>
      verdict.kind === 'known' ? verdict : others(),
    ) as Soon<Verdict>
  }

  const known = (step: StepId, { hash, elsewhere }: Key): readonly Trace[] => {
    const here = store.traces.get(hash, options.scope, step)
    return elsewhere === undefined ? here : [...here, ...store.traces.get(elsewhere, options.scope, step)]
  }

  /** Two steps of one run are two: what one of them gave is not the other's, even if it should be the same. */
  const takeable = (traces: readonly Trace[], step: StepId): readonly Trace[] =>
    traces.filter(trace => trace.run !== options.run || trace.step === step)

  /** The newest result that fits today's files. */
  const firstGood = (traces: readonly Trace[], key: Key, because: Because): Soon<Verdict> => {
    const [trace, ...others] = traces
    if (!trace) return runs(key, because)
    const changed = trace.reads.find(([path, hash]) => disk.hashNow(disk.absolute(path)) !== hash)
    if (changed) return firstGood(others, key, { kind: 'read changed', path: changed[0] })
    return whenHere<boolean, Soon<Verdict>>(putBack(trace), good =>
      good
        ? { kind: 'known', key: key.hash, trace, isLast: trace === current?.get(trace.step) }
        : firstGood(others, key, lost(trace)),
    ) as Soon<Verdict>
  }

  /** F2. */
  const putBack = (trace: Trace): Soon<boolean> => {
    if (trace.output.inline !== undefined && trace.wrote.every(disk.isRight)) return true
    return disk.putBack([trace.output, ...trace.wrote])
  }

  return {
    ask,
    traceOf({ step, node, key, args, outcome, seen, ms }) {
      if (!isKeyed(node) || node.kind === 'service') return NOT_KEPT
      if (node.policy.inputs !== undefined && seen === undefined) {
        ledger?.block(node.name)
        return { kind: 'unseen' }
      }
      const path = changedSource(args)
      if (path !== undefined) {
        ledger?.block(node.name)
        return { kind: 'changed', path: disk.shown(path) }
      }
      const { output, wrote = [] } = outcome
      const trace: Trace = {
        key: key.hash,
        scope: options.scope,
        step,
        run: options.run,
        output,
        wrote,
        reads: seen ? readsOf(seen, wrote) : [],
        parts: key.parts,
        ms,
        atMs: options.now(),
      }
      if (node.kind === 'effect') options.effects?.set(key.hash, trace)
      if (ledger) noteTrace(trace, node, ledger)
      return { kind: 'kept', trace }
    },
    takenBy: (step, trace) => ({ ...trace, scope: options.scope, step, run: options.run, atMs: options.now() }),
    block: why => ledger?.block(why),
    async restoreLast(step) {
      const last = store.traces.latest(options.scope, step)
      if (last && !last.wrote.every(disk.isRight)) await disk.putBack(last.wrote)
    },
  }

  /** F5. */
  function changedSource(args: readonly Bound[]): string | undefined {
    for (const value of args.flatMap(valuesIn)) {
      const found = options.seenOf?.(value)?.files.find(([path, hash]) => disk.hashNow(path) !== hash)
      if (found) return found[0]
    }
    return undefined
  }

  function noted(node: Node, verdict: Verdict, book: Ledger): Verdict {
    book.step()
    if (verdict.kind === 'known') noteTrace(verdict.trace, node, book)
    else if (mustRunAgain(node, verdict)) book.block(node.name)
    return verdict
  }

  /** The next run would take this result if all that it hangs on is as it is now. */
  function noteTrace({ wrote, reads }: Trace, { policy }: Node, book: Ledger): void {
    for (const ref of wrote) book.wrote(ref)
    for (const [path, hash] of reads) book.read(disk.absolute(path), hash)
    for (const name of policy.env ?? []) book.env(name)
  }

  /** F1. What it wrote itself is no input, even if it read it again. */
  function readsOf(seen: SeenFiles, wrote: readonly ValueRef[]): Trace['reads'] {
    const own = wrote.map(disk.placeOf)
    const isOwn = (path: string): boolean =>
      seen.writes.has(path) || own.some(place => path === place || path.startsWith(`${place}/`))
    return [...seen.reads, ...seen.absent]
      .filter(path => !isOwn(path))
      .sort()
      .map(path => [disk.shown(path), disk.hashNow(path)] as const)
  }
}

/** Whatever is as it was, a later run must run it. A source is looked at by its stamps, unless a function stands for it. */
const mustRunAgain = (node: Node, { key }: Extract<Verdict, { kind: 'runs' }>): boolean =>
  node.kind === 'source' ? node.source.kind === 'function' : node.kind !== 'task' || key === undefined

function isSame(a: KeyParts, b: KeyParts): boolean {
  if (a.code !== b.code || a.where !== b.where || a.args.length !== b.args.length) return false
  for (let index = 0; index < a.args.length; index += 1) if (a.args[index] !== b.args[index]) return false
  if (a.env === b.env) return true
  const names = Object.keys(a.env)
  return names.length === Object.keys(b.env).length && names.every(name => a.env[name] === b.env[name])
}

function valuesIn(bound: Bound): readonly ValueRef[] {
  switch (bound.kind) {
    case 'value':
      return [bound.value]
    case 'list':
      return bound.items.flatMap(valuesIn)
    case 'record':
      return Object.values(bound.fields).flatMap(valuesIn)
    case 'apply':
      return bound.args.flatMap(valuesIn)
    case 'literal':
    case 'resource':
      return []
    default:
      return unreachable(bound)
  }
}

const NOT_KEPT: Kept = { kind: 'not kept' }
const runs = (key: Key | undefined, because: Because): Verdict => ({ kind: 'runs', key, because })
const NOT_A_TASK = runs(undefined, { kind: 'not a task' })
const CACHE_OFF = runs(undefined, { kind: 'cache off' })
const CODE_UNKNOWN = runs(undefined, { kind: 'code unknown' })

const lost = (trace: Trace): Because => ({ kind: 'output lost', path: trace.step })

const isKeyed = (node: Node): node is KeyedNode =>
  node.kind === 'task' || node.kind === 'effect' || node.kind === 'service'
