/** The example of a state machine, by the commands that its README shows. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkCommand } from '../../src/cli/commands/check.ts'
import { resumeCommand } from '../../src/cli/commands/resume.ts'
import { runCommand } from '../../src/cli/commands/run.ts'
import type { RunFlags } from '../../src/cli/commands/run-flags.ts'
import { signalCommand } from '../../src/cli/commands/signal.ts'
import { simulateCommand } from '../../src/cli/commands/simulate.ts'
import type { Reading } from '../../src/cli/io.ts'
import { type Inside, inside } from '../versions-cli/inside.ts'

const example = fileURLToPath(new URL('../../examples/asl', import.meta.url))

function orders(): Inside {
  const made = inside({})
  cpSync(example, made.folder, { recursive: true, filter: path => !path.includes('.tutti') })
  return made
}

const FILE = ['order.asl.json']
const SHIPPED = { order: 7, total: 280, parcel: { parcel: 'P-7', pieces: 3 } }
const mocked = (testCase: string): Reading => ({ mocks: { file: 'MockConfigFile.json', testCase } })
const run = (project: Inside, flags: RunFlags) => project.run(io => runCommand(io, FILE, flags))
const orderFile = ({ folder }: Inside): string => `@${join(folder, 'order.json')}`
const input = (fields: object): string => JSON.stringify({ id: 9, items: [{ sku: 'desk', count: 4 }], ...fields })

test('an order is priced, charged and shipped', async () => {
  const project = orders()
  const { code, out, err } = await run(project, { input: orderFile(project) })
  expect(code, err).toBe(0)
  expect(JSON.parse(out)).toEqual(SHIPPED)
})

test('a declined card cancels it', async () => {
  const { code, err } = await run(orders(), { input: input({ items: [{ sku: 'lamp' }], card: 'stolen' }) })
  expect(code).toBe(1)
  expect(err).toContain('CardDeclined: Order 9 is cancelled')
})

test('what no retry and no catch knows fails it', async () => {
  const { code, err } = await run(orders(), { input: input({ items: [{ sku: 'piano' }] }) })
  expect(code).toBe(1)
  expect(err).toContain('there is no price for piano')
})

test('a dear one waits for approval, in a process that may end meanwhile', async () => {
  const project = orders()
  expect((await run(project, { input: input({}), id: 'r1', wait: false })).code).toBe(6)
  await project.ok(io => signalCommand(io, { run: 'r1', name: 'Approve', json: '{"output":{"by":"me"}}' }, {}))
  const out = await project.ok(io => resumeCommand(io, 'r1', { quiet: true }))
  expect(JSON.parse(out)).toMatchObject({ order: 9, total: 1400 })
})

test('a refusal is an error that a catcher knows', async () => {
  const project = orders()
  await run(project, { input: input({}), id: 'r1', wait: false })
  await project.ok(io =>
    signalCommand(io, { run: 'r1', name: 'Approve', json: '{"error":"Refused","cause":"too dear"}' }, {}),
  )
  const { code, err } = await project.run(io => resumeCommand(io, 'r1', {}))
  expect(code).toBe(1)
  expect(err).toContain('Refused: Order 9 is cancelled: too dear')
})

test('a busy card is tried again: as the test case of its mocks says, without waiting for it', async () => {
  const project = orders()
  const { code, out, err } = await project.run(io =>
    simulateCommand({ ...io, reading: mocked('BusyCard') }, FILE, { real: 'all', input: orderFile(project) }),
  )
  expect(code, err).toBe(0)
  expect(JSON.parse(out)).toEqual(SHIPPED)
  expect(err).toContain('CardBusy')
})

test('approval by a mock', async () => {
  const project = orders()
  const { code, out, err } = await project.run(io =>
    runCommand({ ...io, reading: mocked('Approved') }, FILE, { input: input({}) }),
  )
  expect(code, err).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ total: 1400 })
})

test('it is a step of a workflow like all others', async () => {
  const project = orders()
  const { code, out, err } = await project.run(io => runCommand(io, [], {}))
  expect(code, err).toBe(0)
  expect(JSON.parse(out.replace(/^shipped: /, ''))).toEqual(SHIPPED)
})

test('and sound', async () => {
  expect(await orders().ok(io => checkCommand(io, FILE, {}))).toMatch(/^sound +order\.asl\.json order/)
})
