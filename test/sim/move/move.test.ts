/**
 * Moves of live runs, in random graphs and a world that breaks: what `npm run fuzz:moves` does, for a few seeds. A failure here
 * is best looked at with that.
 */
import { describe, expect, test } from 'vitest'
import { validateGraph } from '../../../src/core/graph/validate.ts'
import { failureOf } from '../check.ts'
import { count, newCensus } from './census.ts'
import { askingAt, checkMoves, moveCaseOf, type Tried } from './check.ts'
import { EDIT_KINDS, edited } from './edit.ts'
import { ALWAYS, type EditKind } from './edits.ts'

const seeds = (count: number, from = 0): readonly number[] => Array.from({ length: count }, (_, index) => from + index)

test('edited graphs are valid, and every edit can be made in many of them', () => {
  for (const kind of EDIT_KINDS) {
    const results = seeds(30).map(seed => edited(moveCaseOf(seed).graph, [{ kind, seed }]))
    for (const { graph } of results) expect(validateGraph(graph)).toEqual([])
    expect(results.filter(({ done }) => done.length > 0).length, kind).toBeGreaterThan(3)
  }
})

/**
 * The engine allows a move where the oracle can tell the history of the run to the new graph, and nowhere else (E16); moved, the
 * run has the bytes of a run of the new graph with that history, says what that says to its end, and can be folded, restored and
 * moved back (E17).
 */
test('whenever a move is allowed, the run goes on as one of the new graph; whenever the history does not fit, it is refused', () => {
  const census = newCensus()
  for (const seed of seeds(80)) {
    let tried: readonly Tried[] = []
    const failure = failureOf(moveCaseOf(seed), of => (tried = checkMoves(of)))
    expect(failure, `npm run fuzz:moves -- --from ${seed} --seeds 1`).toBeUndefined()
    count(census, tried)
  }
  const [allowed, refused] = census.all
  expect(allowed).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(40)
  expect(census.again).toBeGreaterThan(20)
})

/** What is in the way so seldom that only many seeds show it: `npm run fuzz:moves` counts it. */
const SELDOM: ReadonlySet<EditKind> = new Set<EditKind>([
  'drop order',
  'retry',
  'exhausted',
  'deadline',
  'result',
  'add arm',
  'on failure',
])

describe('an edit may be in the way or not, by what has happened', () => {
  const runs = seeds(60, 5_000).map(seed => {
    let asking: ReturnType<typeof askingAt> | undefined
    return (kind: EditKind) => (asking ??= askingAt(moveCaseOf(seed)))({ kind, seed })?.answer
  })

  test.each([...ALWAYS])('%s: it never is', kind => {
    expect(new Set(runs.slice(0, 15).flatMap(ask => ask(kind) ?? []))).toEqual(new Set(['allowed']))
  })

  test.each(EDIT_KINDS.filter(kind => !ALWAYS.has(kind) && !SELDOM.has(kind)))('%s: both', kind => {
    const found = new Set<string>()
    for (const ask of runs) if (found.size < 2) found.add(ask(kind) ?? 'allowed')
    expect(found).toEqual(new Set(['allowed', 'refused']))
  })
})
