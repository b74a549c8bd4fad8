/** What an answer takes for granted, said with it. */
import { type Graph, type Property, type Region, regionsOf } from '../../core/index.ts'
import type { RunEvent } from './result.ts'

/** `events`: of the run that is shown. */
export function assumptionsOf({ root }: Graph, { kind }: Property, events: readonly RunEvent[]): readonly string[] {
  const found: string[] = []
  if (kind === 'responds' || kind === 'eventually' || kind === 'exactlyOnce') {
    found.push('Only runs that succeed count')
    if (hasLoop(root)) found.push('A loop is left some day')
  }
  if (events.some(({ is }) => is === 'choice'))
    found.push('Conditions are free choices here: whether values can make them so is not looked into')
  return found
}

const hasLoop = (region: Region): boolean =>
  region.nodes.some(
    node => node.kind === 'loop' || node.kind === 'net' || regionsOf(node).some(([, nested]) => hasLoop(nested)),
  )
