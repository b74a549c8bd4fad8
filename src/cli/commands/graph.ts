/** `tutti graph`: the steps of a workflow as JSON, DOT or SVG. */
import { EXIT } from '../exit.ts'
import { chooseWorkflow, loadFile } from '../file.ts'
import { graphDot } from '../draw/dot.ts'
import { graphJson } from '../draw/json.ts'
import { graphSvg } from '../draw/svg.ts'
import type { Io } from '../io.ts'
import { readWords } from './words.ts'

export async function graphCommand(
  io: Io,
  words: readonly string[],
  flags: { readonly format: 'json' | 'dot' | 'svg' },
): Promise<number> {
  const { file, workflow } = readWords(io, words)
  const loaded = await loadFile(file, io.cwd)
  const { graph } = loaded.runnable(chooseWorkflow(loaded, workflow))
  switch (flags.format) {
    case 'json':
      io.out(graphJson(graph))
      break
    case 'dot':
      io.out(graphDot(graph))
      break
    case 'svg':
      io.out(graphSvg(graph))
      break
  }
  return EXIT.succeeded
}
