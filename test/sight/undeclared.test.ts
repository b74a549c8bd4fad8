/** What steps do undeclared, and what to add so that they do not. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { orderOf } from '../../src/cli/after.ts'
import { newUndeclareds, type Undeclared } from '../../src/cli/undeclared.ts'
import { plainScreen } from '../../src/cli/render/screen.ts'
import { renderUndeclared } from '../../src/cli/render/undeclared.ts'
import type { Graph, Policy } from '../../src/core/graph/graph.ts'
import type { Attempt } from '../../src/exec/attempt.ts'
import { definitionOf, type WorkflowDefinition } from '../../src/dsl/definition.ts'
import { each, task, when, workflow } from '../../src/dsl/index.ts'
import { traceWorkflow } from '../../src/dsl/workflow.ts'
import { newFolder } from './suite.ts'

let folder: string
beforeEach(() => {
  folder = newFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Given {
  readonly step: string
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  readonly outputs?: readonly string[]
  readonly inputs?: Policy['inputs']
}

const GRAPH: Graph = {
  version: 1,
  name: 'main',
  params: [],
  root: { params: [], nodes: [], result: { kind: 'literal', value: null } },
  reads: [],
}

function found(...all: readonly Given[]): readonly Undeclared[] {
  const undeclareds = newUndeclareds(GRAPH, folder)
  const at = (paths: readonly string[] = []) => paths.map(path => join(folder, path))
  for (const { step, reads, writes, outputs = [], inputs } of all) {
    const attempt: Attempt = {
      run: 'r',
      step,
      name: step,
      attempt: 1,
      idempotencyKey: step,
      work: { kind: 'task', bundle: 'b', task: step, executor: 'inline' },
      args: outputs.map(path => ({ kind: 'resource', resource: { kind: 'output', path } })),
      policy: inputs === undefined ? {} : { inputs },
      cwd: folder,
    }
    undeclareds.saw(attempt, { reads: at(reads), absent: [], writes: at(writes) })
  }
  return undeclareds.list()
}

const additions = (...given: readonly Given[]) => found(...given).map(({ add }) => add)

test('what is declared is not told', () => {
  expect(found({ step: 'a', outputs: ['o', 'build'], writes: ['o', 'build', 'build/x'], reads: ['build/y'] })).toEqual(
    [],
  )
})
test('what belongs to tools is not told', () => {
  expect(found({ step: 'a', reads: ['node_modules/x/y', 'p/.git/HEAD'], writes: ['.tutti/z'] })).toEqual([])
})
test('files of one folder and ending are one argument', () => {
  expect(additions({ step: 'a', reads: ['h/a.h', 'h/b.h', 'h/c.txt', 'Makefile', "it's.h"] })).toEqual(
    [["files('h/*.h')", "file('h/c.txt')", "file('Makefile')", "file('it\\'s.h')", "{ inputs: 'inferred' }"]].map(
      list => expect.arrayContaining(list),
    ),
  )
})
test('N1: a read of what another step makes is told by that step, declared by it or not', () => {
  const [reader] = found(
    { step: 'reader', reads: ['gen/a.h', 'stray'] },
    { step: 'maker', outputs: ['gen'], writes: ['gen/a.h'] },
    { step: 'sloppy', writes: ['stray'] },
  )
  expect(reader).toMatchObject({
    reads: [],
    readsOf: [
      { path: 'gen/a.h', step: 'maker', order: 'unordered' },
      { path: 'stray', step: 'sloppy', order: 'unordered' },
    ],
    add: ['the result of maker', 'the result of sloppy'],
  })
})
test('N2: a folder is told only when nothing in it is', () => {
  mkdirSync(join(folder, 'listed'))
  mkdirSync(join(folder, 'h'))
  expect(found({ step: 'a', reads: ['h', 'h/a.h', 'listed'], writes: ['made', 'made/x'] })).toMatchObject([
    { reads: ['h/a.h', 'listed'], writes: ['made/x'] },
  ])
  expect(additions({ step: 'a', reads: ['listed'] })).toEqual([["dir('listed')", "{ inputs: 'inferred' }"]])
})
test('whoever infers its inputs has only its writes and its order to declare', () => {
  const maker: Given = { step: 'maker', outputs: ['gen/a.h'] }
  const inferred: Given = { step: 'a', inputs: { kind: 'inferred' }, reads: ['x.h', 'gen/a.h'], writes: ['w'] }
  expect(additions(maker, inferred)).toEqual([['.after(maker)', "output('w')"]])
  const depfile: Given = { step: 'b', inputs: { kind: 'depfile', path: '{output}.d' }, outputs: ['o'], reads: ['x.h'] }
  expect(found({ ...depfile, writes: ['o', 'o.d'] })).toEqual([])
})
describe('N1: what says that a step comes first', () => {
  const step = (name: string) => task((...args: unknown[]) => args, { name })
  const isTrue = (value: unknown): boolean => value !== undefined
  const [a, b, c, d] = [step('a'), step('b'), step('c'), step('d')]
  const orders: readonly [name: string, body: () => unknown, after: readonly string[]][] = [
    ['data', () => b(a()), ['b a']],
    ['data by way of others', () => c(b(a())), ['b a', 'c a', 'c b']],
    ['.after', () => b().after(a()), ['b a']],
    ['nothing', () => [a(), b()], []],
    ['what is around the step', () => when(a().to(isTrue), () => b()), ['b a']],
    ['what is around the other', () => c(when(a().to(isTrue), () => b())), ['b a', 'c a', 'c b']],
    ['something of each item', () => each([1, 2], item => b(a(item))), ['b a']],
    ['something of one of two: the other one is `b~2`', () => [b(a()), b()], ['b a']],
    ['not the other way round', () => a(d()), ['a d']],
  ]
  test.each(orders)('%s', (_, body, after) => {
    const { graph } = traceWorkflow(definitionOf(workflow(body)) as WorkflowDefinition)
    const isAfter = orderOf(graph)
    const names = ['a', 'b', 'c', 'd']
    const found = names.flatMap(one => names.filter(other => isAfter(one, other)).map(other => `${one} ${other}`))
    expect(found).toEqual(after)
  })
})

test('people are told in words', () => {
  const text = renderUndeclared(
    found(
      { step: 'a', reads: ['x.h', ...Array.from({ length: 20 }, (_, index) => `many/${10 + index}.c`)] },
      { step: 'b', reads: ['gen'], writes: ['w'] },
      { step: 'c', outputs: ['gen'] },
    ),
    plainScreen(),
  )
  expect(text).toBe(`a
  reads, beside its arguments: many/10.c, many/11.c, many/12.c, many/13.c, many/14.c, many/15.c, many/16.c, many/17.c and 13 more
    add the argument files('many/*.c')
    add the argument file('x.h')
    or give the task { inputs: 'inferred' }

b
  reads what c makes, and may run before it: gen
  writes what is no output of it: w
    add the argument the result of c
    add the argument output('w')
`)
  expect(renderUndeclared([], plainScreen())).toBe('Every step declares what it reads and writes.\n')
})
