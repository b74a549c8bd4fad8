/** What stands around a machine that is compiled: its place in the text, and what its states' context is made of. */
import type { Expr, Node, Region } from '../../../core/graph/graph.ts'
import type { Position } from '../../../util/diagnostic.ts'
import type { Path } from '../source.ts'
import type { Machine, QueryLanguage } from '../machine.ts'
import { type Look, literal, record } from './build.ts'

export interface Around {
  /** Of the machine around all. */
  readonly language: QueryLanguage
  readonly path: Path
  readonly at: (path: Path) => Position | undefined
  /** The execution's own: what its start gave, and its input. */
  readonly execution: Look
  readonly input: Look
  /** The innermost map's item, where there is one. */
  readonly item?: { readonly item: Look; readonly index: Look }
  /** The machines that tasks may start, as regions with the parameters `input` and `execution`. */
  readonly children: readonly ChildRegion[]
  /** Keys of the machines that are running around this one. */
  readonly within: readonly string[]
  /** A machine as a node of a region at `depth`: given, so that what is inside of states need not know how machines are made. */
  readonly compile: (given: Nested) => Node
}

export interface ChildRegion {
  readonly key: string
  readonly name: string
  readonly region: (depth: number) => Region
  readonly deadlineMs?: number
}

export interface Nested {
  readonly id: string
  readonly name: string
  readonly machine: Machine
  readonly around: Around
  readonly init: Expr
  readonly depth: number
}

export const inside = (around: Around, path: Path): Around => ({ ...around, path: [...around.path, ...path] })

/** Nothing, where the state cannot see it: most states then hang on their frame alone. */
export function contextFor(text: string, { execution, input, item }: Around, needs: 'if it asks' | 'always'): Look {
  if (needs === 'if it asks' && !mayAsk(text)) return () => literal(null)
  return depth =>
    record({
      execution: execution(depth),
      input: input(depth),
      ...(item ? { item: item.item(depth), index: item.index(depth) } : {}),
    })
}

/** `$$`, or `$states` as a whole or its `context`, by whichever way it is written. */
const mayAsk = (text: string): boolean =>
  text.includes('$$') || text.includes('context') || /\$states(?!\.(?:input|result|errorOutput)\b)/.test(text)
