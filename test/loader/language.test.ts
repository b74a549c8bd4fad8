/** The loader and the real language together: what users write becomes a graph with their names and places. */
import { expect, test } from 'vitest'
import { definitionOf } from '../../src/dsl/definition.ts'
import { traceWorkflow } from '../../src/dsl/workflow.ts'
import * as tutti from '../../src/dsl/index.ts'
import type { Read } from '../../src/core/graph/graph.ts'
import { brief, load, marked, refusal } from './rig.ts'

const HEAD = `import { task, effect, workflow, flow, when, each, files, type Ref } from 'tutti'
const lint = task((n: number) => ({ passed: n > 0, failures: [1, 2] }))
const publish = effect((n: number) => n)
`

async function traced(body: string) {
  const { text, place } = marked(`${HEAD}export const ci = workflow(() => {\n${body}\n})`)
  const loaded = await load(text, { provide: { tutti } })
  const definition = definitionOf(loaded.exports['ci'])
  if (definition?.kind !== 'workflow') throw new Error('ci is no workflow')
  return {
    place,
    trace: (): { value: ReturnType<typeof traceWorkflow>; reads: readonly Read[] } =>
      loaded.trace(() => traceWorkflow(definition)),
  }
}

test('steps are named after their variables and stand where they are called', async () => {
  const { trace } = await traced('const linted = lint(1)\n  return publish(linted.failures[0]).after(lint(2))')
  const { graph } = trace().value
  expect(graph.name).toBe('ci')
  expect(
    graph.root.nodes.map(node => [
      node.name,
      node.kind,
      node.at && `${node.at.file}:${node.at.line}:${node.at.column}`,
    ]),
  ).toEqual([
    ['linted', 'task', 'tutti.ts:5:16'],
    ['publish', 'effect', 'tutti.ts:6:10'],
    ['lint', 'task', 'tutti.ts:6:44'],
  ])
})

test('what the trace reads is told with it', async () => {
  const { trace } = await traced('return lint(process.env.TUTTI_TEST_NONE ? 1 : 2)')
  expect(trace().reads).toEqual([{ kind: 'env', name: 'TUTTI_TEST_NONE', value: null }])
})

test.each([
  'if (¦lint(1).passed) return 1',
  'return ¦lint(1).passed && 1',
  'return `${¦lint(1)}`',
  'const linted = lint(1)\n  return { ...¦linted }',
  'const linted = lint(1)\n  for (const x of ¦linted.failures) x',
])('a test of a ref is refused in its place: %s', async body => {
  const { trace, place } = await traced(body)
  expect((await refusal(trace)).map(brief)).toEqual([`REF_TESTED tutti.ts:${place}`])
})
