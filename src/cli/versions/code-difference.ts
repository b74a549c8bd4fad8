/** What has changed in the text of functions: those of an address, and what they reach, declaration by declaration. */
import type { Bundle } from '../../loader/index.ts'
import { type Piece, type PieceKey, type Pieces, piecesOf, type Reached } from '../../loader/pieces.ts'
import type { Change, StepName } from '../../versions/change.ts'

export interface CodeDifference {
  readonly address: string
  readonly steps: readonly StepName[]
  /** Those that differ; empty where only what no text shows does: a package, what is read while the file is loaded. */
  readonly pieces: readonly PieceDifference[]
}

export interface PieceDifference {
  readonly name: string
  readonly file: string
  readonly hunks: readonly Hunk[]
  /** Lines added and removed. */
  readonly added: number
  readonly removed: number
  /** The address under which the same difference has been told before; `hunks` is then empty. */
  readonly toldUnder?: string
}

/** Lines count from 1, in the whole file; 0 where that side has none. Each line begins with ' ', '+' or '-'. */
export interface Hunk {
  readonly before: number
  readonly after: number
  readonly lines: readonly string[]
}

export type CodeChange = Pick<Extract<Change, { kind: 'code.changed' }>, 'address' | 'steps'>

const CONTEXT = 3
/** Two texts that differ in more lines than this are told as one that went and one that came. */
const EDITS_MAX = 4_000

interface Sides {
  readonly before: Bundle
  readonly after: Bundle
  /** What the function of an address was called before. */
  readonly addressBefore: (change: CodeChange) => string
}

export async function codeDifferences(
  changed: readonly CodeChange[],
  { before, after, addressBefore }: Sides,
): Promise<readonly CodeDifference[]> {
  if (changed.length === 0) return []
  const sides = { before: piecesOf(before), after: piecesOf(after) }
  const keyNow = (key: PieceKey): PieceKey => inModule(key, before.entry, after.entry)
  const told = new Map<string, string>()
  const found: CodeDifference[] = []
  for (const change of changed) {
    const { address, steps } = change
    const pieces: PieceDifference[] = []
    const reached = [sides.before.reachedBy(addressBefore(change)), sides.after.reachedBy(address)] as const
    for (const pair of changedPairs(...reached, keyNow)) {
      const name = pair.join('\0')
      const piece = await pieceDifference(pair, sides, told.get(name))
      if (!piece) continue
      pieces.push(piece)
      if (!told.has(name)) told.set(name, address)
    }
    found.push({ address, steps, pieces })
  }
  return found
}

/** Of two files the entries may have two names, and are the same module all the same. */
const inModule = (key: PieceKey, before: string, after: string): PieceKey =>
  key.startsWith(`${before}:`) ? `${after}${key.slice(before.length)}` : key

type Pair = readonly [before: PieceKey, after: PieceKey]

/** The function's own piece first, whatever it was called. */
function changedPairs(
  old: Reached | undefined,
  now: Reached | undefined,
  keyNow: (key: PieceKey) => PieceKey,
): readonly Pair[] {
  if (!old || !now) return [...(now ?? old ?? NOTHING).pieces.keys()].map(key => [key, key])
  const own: Pair = [old.own, now.own]
  const olds = new Map([...old.pieces.keys()].map(key => [keyNow(key), key]))
  const others = [...new Set([...now.pieces.keys(), ...olds.keys()])].filter(
    key => key !== now.own && olds.get(key) !== old.own,
  )
  return [own, ...others.map((key): Pair => [olds.get(key) ?? key, key])].filter(
    ([before, after]) => old.pieces.get(before) !== now.pieces.get(after),
  )
}

const NOTHING: Reached = { own: '', pieces: new Map() }

async function pieceDifference(
  [oldKey, key]: Pair,
  { before, after }: { readonly before: Pieces; readonly after: Pieces },
  toldUnder: string | undefined,
): Promise<PieceDifference | undefined> {
  const [old, now] = await Promise.all([before.pieceAt(oldKey), after.pieceAt(key)])
  const piece = now ?? old
  // What it reaches now may have been there before, unused.
  if (!piece || old?.text === now?.text) return undefined
  const hunks = await hunksOf(old, now)
  const count = (mark: string): number =>
    hunks.reduce((sum, { lines }) => sum + lines.filter(line => line.startsWith(mark)).length, 0)
  return {
    name: piece.name,
    file: piece.module,
    hunks: toldUnder === undefined ? hunks : [],
    added: count('+'),
    removed: count('-'),
    ...(toldUnder === undefined ? {} : { toldUnder }),
  }
}

async function hunksOf(old: Piece | undefined, now: Piece | undefined): Promise<readonly Hunk[]> {
  const [before, after] = [linesOf(old), linesOf(now)]
  const { structuredPatch } = await import('diff')
  const options = { context: CONTEXT, maxEditLength: EDITS_MAX }
  const patch = structuredPatch('', '', joined(before), joined(after), undefined, undefined, options)
  if (!patch)
    return [
      {
        before: old?.line ?? 0,
        after: now?.line ?? 0,
        lines: [...before.map(line => `-${line}`), ...after.map(line => `+${line}`)],
      },
    ]
  return patch.hunks.map(({ oldStart, newStart, lines }) => ({
    before: old ? old.line + Math.max(0, oldStart - 1) : 0,
    after: now ? now.line + Math.max(0, newStart - 1) : 0,
    lines: lines.filter(line => !line.startsWith('\\')),
  }))
}

const linesOf = (piece: Piece | undefined): readonly string[] =>
  piece ? piece.text.replace(/(?:\r\n|\r|\n)$/, '').split(/\r\n|\r|\n/) : []

const joined = (lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')
