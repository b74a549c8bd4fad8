/** `tutti export-asl`: a workflow as a definition in the Amazon States Language, where it can be said. Runs nothing. */
import { dirname } from 'node:path'
import { exportAsl } from '../../lang/asl/export/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { type Io, renderPlaced } from '../io.ts'
import { placeIn } from '../place.ts'
import { loadTarget } from '../versions/load.ts'

export async function exportAslCommand(
  io: Io,
  words: readonly string[],
  flags: { readonly resources?: boolean },
): Promise<number> {
  const { runnable } = await loadTarget(io, words)
  const dir = dirname(runnable.file)
  const { machine, problems, resources } = exportAsl(runnable.graph)
  if (machine === undefined) {
    const place = placeIn(dir, io.cwd)
    throw new Refusal(problems.map(each => (each.at ? { ...each, at: place(each.at) } : each)))
  }
  io.err(renderPlaced(io, problems, dir))
  const data = flags.resources ? Object.fromEntries(resources.map(({ arn, task }) => [arn, task])) : machine
  io.out(`${JSON.stringify(data, undefined, 2)}\n`)
  return EXIT.succeeded
}
