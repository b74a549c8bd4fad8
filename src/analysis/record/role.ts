/** Whether a step does something itself, or only holds others. */
import type { Node } from '../../core/graph/graph.ts'
import { isWork } from '../../core/graph/placed.ts'

export type Role = 'work' | 'holder'

export const roleOf = (node: Node): Role => (isWork(node) ? 'work' : 'holder')
