/** What has changed in the text of functions: those of an address, and what they reach, declaration by declaration. */
import type { Bundle } from '../../loader/index.ts'
import { type Piece, type PieceKey, type Pieces, piecesOf } from '../../loader/pieces.ts'
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

type CodeChange = Extract<Change, { kind: 'code.changed' }>

const CONTEXT = 3
/** Two texts that differ in more lines than this are told as one that went and one that came. */
const EDITS_MAX = 4_000

export async function codeDifferences(
  changes: readonly Change[],
  before: Bundle,
  after: Bundle,
): Promise<readonly CodeDifference[]> {
  const changed = changes.filter((change): change is CodeChange => change.kind === 'code.changed')
  if (changed.length === 0) return []
  const sides = [piecesOf(before), piecesOf(after)] as const
  const told = new Map<PieceKey, string>()
  const found: CodeDifference[] = []
  for (const { address, steps } of changed) {
    const pieces: PieceDifference[] = []
    for (const key of changedKeys(address, ...sides)) {
      const piece = await pieceDifference(key, sides, told.get(key))
      if (!piece) continue
      pieces.push(piece)
      if (!told.has(key)) told.set(key, address)
    }
    found.push({ address, steps, pieces })
  }
  return found
}

/** Its own piece first. */
function changedKeys(address: string, before: Pieces, after: Pieces): readonly PieceKey[] {
  const [old, now] = [before.reachedBy(address) ?? NONE, after.reachedBy(address) ?? NONE]
  return [...new Set([...now.keys(), ...old.keys()])].filter(key => old.get(key) !== now.get(key))
}

const NONE: ReadonlyMap<PieceKey, string> = new Map()

async function pieceDifference(
  key: PieceKey,
  [before, after]: readonly [Pieces, Pieces],
  toldUnder: string | undefined,
): Promise<PieceDifference | undefined> {
  const [old, now] = await Promise.all([before.pieceAt(key), after.pieceAt(key)])
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
