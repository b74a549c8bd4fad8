/** Secrets and outputs in flows are given by name, as in workflows. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { effect, flow, type Output, output, run, type Secret, secret, task } from 'tutti'

const folder = () => mkdtempSync(join(tmpdir(), 'tutti-flow-'))
const PLANTED = 'planted-value-8c1f'
afterEach(() => {
  delete process.env['FLOW_TOKEN']
})

it('passes a secret from a flow to an effect, and keeps its value out of the store', async () => {
  process.env['FLOW_TOKEN'] = PLANTED
  const lengths: number[] = []
  const publish = effect((name: string, options: { token: Secret }) => {
    lengths.push(options.token.reveal().length)
    return `published ${name}`
  })
  const release = flow(async () => publish('x', { token: secret('FLOW_TOKEN') }))
  const store = folder()
  expect(await run(release, { store })).toMatchObject({ status: 'succeeded', output: 'published x' })
  expect(lengths).toEqual([PLANTED.length])
  expect(filesIn(store).filter(file => readFileSync(file).includes(PLANTED))).toEqual([])
})

it('passes an output from a flow to a task', async () => {
  const write = task((to: Output) => {
    writeFileSync(to.path, 'made')
    return to
  })
  const make = flow(async () => (await write(output('made.txt'))).path)
  const cwd = folder()
  expect(await run(make, { store: join(cwd, '.tutti'), cwd })).toMatchObject({
    status: 'succeeded',
    output: join(cwd, 'made.txt'),
  })
  expect(readFileSync(join(cwd, 'made.txt'), 'utf8')).toBe('made')
})

it('refuses an argument that contains itself', async () => {
  const take = task((value: unknown) => value)
  const circular = flow(async () => {
    const value: { self?: unknown } = {}
    value.self = value
    return take(value as never)
  })
  expect(await run(circular, { store: folder() })).toMatchObject({
    status: 'failed',
    fault: { code: 'VALUE_UNKEEPABLE' },
  })
})

function filesIn(path: string): readonly string[] {
  return statSync(path).isDirectory() ? readdirSync(path).flatMap(name => filesIn(join(path, name))) : [path]
}
