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

export type CodeChange = Extract<Change, { kind: 'code.changed' }>

const CONTEXT = 3
/** Two texts that differ in more lines than this are told as one that went and one that came. */
const EDITS_MAX = 4_000

interface Sides {
  readonly before: Bundle
  readonly after: Bundle
  /** What the function of an address was called before. */
  readonly addressBefore: (change: CodeChange) => string
}

export async function codeDifferences(changes: readonly Change[], sides: Sides): Promise<readonly CodeDifference[]> {
  const changed = changes.filter((change): change is CodeChange => change.kind === 'code.changed')
  if (changed.length === 0) return []
  const [before, after] = [piecesOf(sides.before), piecesOf(sides.after)]
  const told = new Map<string, string>()
  const found: CodeDifference[] = []
  for (const change of changed) {
    const { address, steps } = change
    const pieces: PieceDifference[] = []
    for (const pair of changedPairs(before.reachedBy(sides.addressBefore(change)), after.reachedBy(address))) {
      const name = pair.join('\0')
      const piece = await pieceDifference(pair, { before, after }, told.get(name))
      if (!piece) continue
      pieces.push(piece)
      if (!told.has(name)) told.set(name, address)
    }
    found.push({ address, steps, pieces })
  }
  return found
}

type Pair = readonly [before: PieceKey, after: PieceKey]

/** The function's own piece first, whatever it was called. */
function changedPairs(old: Reached | undefined, now: Reached | undefined): readonly Pair[] {
  if (!old || !now) return [...(now ?? old ?? NOTHING).pieces.keys()].map(key => [key, key])
  const own: Pair = [old.own, now.own]
  const others = [...new Set([...now.pieces.keys(), ...old.pieces.keys()])].filter(key => !own.includes(key))
  return [own, ...others.map((key): Pair => [key, key])].filter(
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
