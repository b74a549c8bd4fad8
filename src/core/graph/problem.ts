/** How the validator says what is wrong with a node. */
import type { Diagnostic } from '../../util/diagnostic.ts'
import type { Node } from './graph.ts'

export const problem = (code: string, node: Node, message: string, hint: string): Diagnostic => ({
  code,
  severity: 'error',
  message,
  hint,
  ...(node.at ? { at: node.at } : {}),
})

export const dangling = (node: Node | undefined, what: string): Diagnostic => ({
  code: 'DANGLING_REF',
  severity: 'error',
  message: `${node ? node.name : 'The result'} refers to ${what}, which is not there`,
  hint: 'Use what a step of the same body, or of one round it, returned.',
  ...(node?.at ? { at: node.at } : {}),
})
