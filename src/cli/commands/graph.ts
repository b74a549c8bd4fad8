/** `tutti graph`: the steps of a workflow as JSON, DOT or SVG, or its net as PNML. */
import { finish, netOf, newBudget, writePnml } from '../../analysis/index.ts'
import { EXIT } from '../exit.ts'
import { graphDot } from '../draw/dot.ts'
import { graphJson } from '../draw/json.ts'
import { graphSvg } from '../draw/svg.ts'
import type { Io } from '../io.ts'
import { loadTarget } from '../versions/load.ts'

export async function graphCommand(
  io: Io,
  words: readonly string[],
  flags: { readonly format: 'json' | 'dot' | 'svg' | 'pnml' },
): Promise<number> {
  const { graph } = (await loadTarget(io, words)).runnable
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
    case 'pnml':
      for (const line of writePnml(finish(netOf(graph, newBudget())))) io.out(line)
      break
  }
  return EXIT.succeeded
}
