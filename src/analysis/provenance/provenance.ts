/**
 * What a value of a run hangs on, found backwards from it: through fields, items, arguments and chosen branches, and no further
 * than it must ("slicing": M. Weiser, Program Slicing, 1981; of values in runs: P. Buneman, S. Khanna, W.-C. Tan, Why and Where, 2001).
 *
 *   L1. `data`: the value is made of it. `control`: it decided that something of that came about, or which of several did.
 *       `order`: an act on the world that came before by `.after`. Something that is more than one of these is the first of them.
 *   L2. What is in none of them could have been another value, and the value would have been the same (failures, and who
 *       comes first in races and at milestones, left aside). A task's result is one whole, and hangs on all of each argument.
 *   L3. Each is found through one other (`from`), of its own kind or an earlier one; so they are a tree below the value.
 */
import type { Path } from '../../core/graph/graph.ts'
import type { RanStep, RunRecord } from '../record/record.ts'
import { entrance } from './decisions.ts'
import { holder, leaf } from './steps.ts'
import { DATA, type Found, newTrail, type Onward, type Passage, type Trail } from './trail.ts'
import { result, valueAt } from './values.ts'

export interface Provenance {
  readonly found: readonly Found[]
  /** As a tape, so that a provenance polynomial, a cost or a probability of the value can be computed in any semiring. */
  readonly tape: () => Passage
}

/** What is asked about: a step's value or a field of it, or (no step) the run's result. */
export interface Asked {
  readonly step?: RanStep
  readonly path: Path
}

export const provenanceOf = (record: RunRecord, asked: Asked): Provenance => ({
  found: follow(record, asked, 'found').found,
  tape: () => follow(record, asked, 'edges').passage(),
})

const ONWARD: Onward = { leaf, holder, entrance }

function follow(record: RunRecord, { step, path }: Asked, want: 'found' | 'edges'): Trail {
  const trail = newTrail(record, ONWARD, want)
  const root = record.scopes.get('')
  if (step) valueAt(trail, step, path, DATA)
  else if (root) result(trail, root, path, DATA)
  trail.follow()
  return trail
}
