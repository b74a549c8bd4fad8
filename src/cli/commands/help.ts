/** `tutti run FILE WORKFLOW --help`: the parameters of a workflow. */
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import type { Io } from '../io.ts'
import { parameterHelp } from '../parameters.ts'
import { readWords } from './words.ts'

export async function helpCommand(io: Io, words: readonly string[]): Promise<number> {
  const { file, workflow } = readWords(io, words)
  const loaded = await loadFile(file, io.cwd)
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
