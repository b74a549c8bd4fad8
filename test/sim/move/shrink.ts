/** Makes a failing case of moves smaller: fewer moves, fewer edits, and what makes any case smaller. */
import { failureOf } from '../check.ts'
import { SMALLER, shrinkBy } from '../shrink.ts'
import { checkMoves, type MoveCase } from './check.ts'

export const shrinkMoves = (of: MoveCase, kind: string, tries = 6_000): MoveCase =>
  shrinkBy(of, [fewerMoves, fewerEdits, ...SMALLER], each => failureOf(each, checkMoves)?.kind === kind, tries)

function* fewerMoves(of: MoveCase): Generator<MoveCase> {
  for (let drop = 0; drop < of.moves.length; drop++)
    yield { ...of, moves: of.moves.filter((_, index) => index !== drop) }
  for (const [index, move] of of.moves.entries())
    if (move.attempts === 'go on') yield withMove(of, index, { ...move, attempts: 'die' })
}

function* fewerEdits(of: MoveCase): Generator<MoveCase> {
  for (const [index, move] of of.moves.entries())
    if (move.edits.length > 1)
      for (let drop = 0; drop < move.edits.length; drop++)
        yield withMove(of, index, { ...move, edits: move.edits.filter((_, at) => at !== drop) })
}

const withMove = (of: MoveCase, index: number, move: MoveCase['moves'][number]): MoveCase => ({
  ...of,
  moves: of.moves.map((each, at) => (at === index ? move : each)),
})
