/** All faults, in the order in which they are tried. */
import type { Fault } from './fault.ts'
import { flips } from './flips.ts'
import { full } from './full.ts'
import { kill } from './kill.ts'
import { owners } from './owners.ts'
import { power } from './power.ts'
import { shown } from './shown.ts'
import { workers } from './workers.ts'

export const FAULTS: readonly Fault[] = [kill, owners, workers, full, flips, shown, power]
