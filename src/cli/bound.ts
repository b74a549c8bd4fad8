/** What binds the names of a file in another language, told; and that all of them are bound, before anything runs. */
import { relative } from 'node:path'
import { refuseMissing, type Runnable } from '../run/runnable.ts'
import type { LoadedWorkflows } from './file.ts'
import type { Io } from './io.ts'
import { placedFrom } from './place.ts'

/** Where nobody has named it, it must be seen which one it is, or where it would be looked for. */
export function sayBound(io: Io, { boundBy, built }: LoadedWorkflows, { bindings, cwd }: Runnable): void {
  if (io.reading.bind !== undefined) return
  const wanted = built.absent.find(path => path.endsWith('.mjs'))
  if (boundBy !== undefined) io.err(`bindings: ${boundBy}\n`)
  else if (wanted !== undefined && bindings.missing.length > 0)
    io.err(`bindings: none; write ${relative(cwd, wanted)}, or name a file with --bind\n`)
}

/** Refuses with all that is not, each at its place as the user sees it. */
export const mustBeBound = (io: Io, runnable: Pick<Runnable, 'bindings' | 'cwd'>): void =>
  placedFrom(runnable.cwd, io.cwd)(() => refuseMissing(runnable))
