/** Workflows and what is claimed of them, with the answers. */
import { expect, test } from 'vitest'
import { checkProperties, finish, newBudget, type PropertyResult } from '../../../src/analysis/index.ts'
import { graphOf, HEAD } from '../../dsl/rig.ts'

const PRELUDE = `${HEAD}import { absent, alternates, atMost, ensure, eventually, exactlyOnce, exclusive, never, precedes, reachable, responds } from 'tutti'
const yes = task(() => true)
const a = task((...after: unknown[]) => 1)
const b = task((...after: unknown[]) => 2)
const c = effect((...after: unknown[]) => 3)
const list = task(() => [1, 2])
const ledger = lock()
`

async function check(body: string): Promise<readonly PropertyResult[]> {
  const graph = await graphOf(`${PRELUDE}export const main = workflow(() => { ${body} })`, 'main')
  return finish(checkProperties(graph, newBudget({ ms: 5_000 })))
}

const short = (result: PropertyResult): string =>
  result.kind === 'holds'
    ? `holds by ${result.by}`
    : result.kind === 'violated'
      ? result.because
      : `unknown: ${result.why.text}`

test.each<readonly [body: string, ...answers: string[]]>([
  // Order
  ['const x = a(); const y = b().after(x); ensure(precedes(x, y), never(x, y))', 'holds by order', 'holds by order'],
  [
    'const x = a(); const y = b(); ensure(precedes(x, y), never(x, y), atMost(1, [a, b]), atMost(2, [a, b]))',
    'y can begin before x is done',
    'x and y can run at the same time',
    'More than 1 of a, b can run at the same time',
    'holds by order',
  ],
])('%s', async (body, ...answers) => expect((await check(body)).map(short)).toEqual(answers))
