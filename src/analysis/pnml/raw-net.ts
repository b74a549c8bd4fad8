/** A net as a file has it: what it says of its end is not yet decided (./workflow-net.ts does). */
import type { NetParts } from '../net/petri-net.ts'

export interface RawNet extends Omit<NetParts, 'final'> {
  /** Final markings that the file names; none: its end is to be concluded from its shape. */
  readonly finals: readonly ReadonlyMap<number, number>[]
}
