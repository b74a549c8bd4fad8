/** `tutti run FILE WORKFLOW --help`: the parameters of a workflow. */
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import type { Io } from '../io.ts'
import { parameterHelp } from '../parameters.ts'
import { loadTarget } from '../versions/load.ts'
import { FILE } from '../versions/words.ts'
import { readTarget } from './words.ts'

export async function helpCommand(io: Io, words: readonly string[]): Promise<number> {
  const { file, workflow, which, place } = readTarget(io, words)
  if (which !== undefined || place !== 'there') {
    const { definition, version } = (await loadTarget(io, words)).runnable
    io.out(`${definition.name}@${version ?? FILE} (${definition.kind})\n\n${parameterHelp(definition)}`)
    return EXIT.succeeded
  }
  const loaded = await loadFile(file, io.cwd, { reading: io.reading })
  if (workflow === undefined && loaded.fallback === undefined) {
    io.out(`Workflows of ${file}:\n`)
    for (const [name, definition] of loaded.workflows) io.out(`\n${name}\n${parameterHelp(definition)}`)
    return EXIT.succeeded
  }
  const name = chooseWorkflow(loaded, workflow)
  const definition = loaded.workflows.get(name)
  if (definition) io.out(`${name} (${definition.kind}) in ${file}\n\n${parameterHelp(definition)}`)
  return EXIT.succeeded
}
