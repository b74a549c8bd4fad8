/** What is changed in an attempt that runs again: where it is, and that nothing hurries it. */
import { expect, test } from 'vitest'
import type { Bound, Node, StepDescription } from '../../src/core/index.ts'
import { rerunOf } from '../../src/run/debug/attempt.ts'
import { listeningAt } from '../../src/run/debug/inspector.ts'
import * as $ from '../core/graphs.ts'

const rerun = (description: StepDescription) =>
  rerunOf(description, {
    run: 'r',
    step: 'a',
    attempt: 3,
    bundle: 'b',
    projectFolder: '/project',
    folder: '/copy',
  })

test('it has its name and key, the folder of the copy, and no bound on its time', () => {
  const policy = { timeoutMs: 5, heartbeatMs: 5, env: ['CI'], priority: 2 }
  const work = rerun({ node: $.task('a', { policy }), args: [] })
  expect(work).toMatchObject({ run: 'r', step: 'a', attempt: 3, idempotencyKey: 'r/a', cwd: '/copy' })
  expect(work.policy).toEqual({ env: ['CI'], priority: 2 })
})

test('a source is read where the project is', () => {
  const node: Node = { ...$.source('a'), kind: 'source', source: { kind: 'files', globs: ['*'] } }
  expect(rerun({ node, args: [] }).cwd).toBe('/project')
})

test('a secret in a file of the project is asked there, wherever it stands; all else stays as it is', () => {
  const secret = (path: string): Bound => ({
    kind: 'resource',
    resource: { kind: 'secret', name: 'S', from: { kind: 'file', path } },
  })
  const others: readonly Bound[] = [
    { kind: 'literal', value: 1 },
    { kind: 'resource', resource: { kind: 'output', path: 'dist' } },
    { kind: 'resource', resource: { kind: 'secret', name: 'S', from: { kind: 'env' } } },
  ]
  const nested = (path: string): readonly Bound[] => [
    { kind: 'record', fields: { one: secret(path) } },
    { kind: 'list', items: [{ kind: 'apply', fn: 'f', args: [secret(path)], path: ['x'] }] },
  ]
  const { args } = rerun({ node: $.task('a'), args: [...nested('keys/s'), secret('/etc/s'), ...others] })
  expect(args).toEqual([...nested('/project/keys/s'), secret('/etc/s'), ...others])
})

test.for([
  ['Debugger listening on ws://127.0.0.1:9229/0fa68fde-7f54', 'ws://127.0.0.1:9229/0fa68fde-7f54'],
  ['Debugger attached.', undefined],
  ['it said: Debugger listening on ws://elsewhere', undefined],
] as const)('%s', ([line, url]) => expect(listeningAt(line)).toBe(url))
