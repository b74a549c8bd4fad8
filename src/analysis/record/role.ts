/** Whether a step does something itself, or only holds others. */
import type { Node } from '../../core/graph/graph.ts'

export type Role = 'work' | 'holder'

const WORK: ReadonlySet<Node['kind']> = new Set(['task', 'effect', 'flow', 'source', 'wait', 'cancel', 'service'])

export const roleOf = ({ kind }: Node): Role => (WORK.has(kind) ? 'work' : 'holder')
