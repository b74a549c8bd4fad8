/** Tells the loader, as functions are made, which cell each is (../closure): round arguments, and after declarations. */
import type { Marks } from '../closure/analyse.ts'
import { HOOKS, type Rewriter } from './rewriter.ts'
import type { Pass } from './tree.ts'

export function markPass({ edits, wrap }: Rewriter, { values, options, declared }: Marks): Pass {
  for (const [node, { index }] of values) wrap(node, `${HOOKS.runtime}.code(${index}, `, ')')
  for (const [node, cells] of options) {
    const list = JSON.stringify(cells.map(([path, { index }]) => [path, index]))
    wrap(node, `${HOOKS.runtime}.codes(${list}, `, ')')
  }
  return {
    leave(node) {
      const functions = node.type === 'VariableDeclaration' ? declared.get(node) : undefined
      if (functions) edits.insert(node.end, `; ${functions.map(markText).join(' ')}`)
    },
  }
}

/** Function declarations are there before the module runs. */
export const hoistedMarks = ({ declared }: Marks): string =>
  [...declared]
    .flatMap(([node, functions]) => (node.type === 'FunctionDeclaration' ? functions.map(markText) : []))
    .join('')

const markText = ([name, cell]: readonly [name: string, cell: number]): string =>
  `${HOOKS.runtime}.code(${cell}, ${name}); `
