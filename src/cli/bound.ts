/** What binds the names of a file in another language, told; and that all of them are bound, before anything runs. */
import { refuseMissing, type Runnable } from '../run/runnable.ts'
import type { LoadedWorkflows } from './file.ts'
import type { Io } from './io.ts'
import { placedFrom } from './place.ts'

/** Where nobody has named it, it must be seen which one it is. */
export function sayBound(io: Io, { boundBy }: Pick<LoadedWorkflows, 'boundBy'>): void {
  if (boundBy !== undefined && io.reading.bind === undefined) io.err(`bindings: ${boundBy}\n`)
}

/** Refuses with all that is not, each at its place as the user sees it. */
export const mustBeBound = (io: Io, runnable: Pick<Runnable, 'bindings' | 'cwd'>): void =>
  placedFrom(runnable.cwd, io.cwd)(() => refuseMissing(runnable))
