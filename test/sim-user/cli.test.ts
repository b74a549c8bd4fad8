/** `tutti simulate`: the timeline for people, the result for scripts, and what nobody answered. */
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, tutti } from '../cli/rig.ts'

const TUTTI_TS = `import { effect, flow, signal, task, workflow, type Ref } from 'tutti'
import { z } from 'zod'

export const approval = signal(z.object({ by: z.string() }))
export const publish = effect((by: string) => ({ url: 'real/' + by }), {
  retry: { times: 2, delay: '1h', maxDelay: '1d', jitter: 'none' },
})
export const server = task((name: string) => name)

export const release = workflow((n: Ref<number>) => publish(approval.wait({ timeout: '3d' }).by).url)
export const first = flow(async () => Promise.race([server('a'), server('b')]))
`
const MOCKS_TS = `import { failing, mock, takes } from 'tutti/sim'
import { publish } from './tutti.ts'

export const mocks = [
  mock(publish, failing(1, new Error('busy'), takes('10m', ([by]) => ({ url: 'mock/' + by })))),
  ['server', takes(['1s', '2s'], ([name]) => name)],
]
`
const cwd = folderWith({ 'tutti.ts': TUTTI_TS, 'mocks.ts': MOCKS_TS, 'none.ts': 'export const x = 1\n' })
const simulate = (...words: readonly string[]) => tutti(['simulate', ...words], { cwd })
const APPROVED = ['--signal', 'approval={"by":"me@example.org"}@2d']

test('prints the virtual timeline, and the result', async () => {
  const { code, out, err } = await simulate('release', '-p', 'n=1', '--mock', 'publish={"url":"u"}', ...APPROVED)
  expect({ code, out }).toEqual({ code: 0, out: 'u\n' })
  expect(err.split('\n')).toEqual([
    't     the run starts',
    't     approval waits for signal approval',
    't+2d  signal approval received by approval {"by":"me@example.org"}',
    't+2d  publish starts',
    't+2d  publish succeeded',
    't+2d  the run ended succeeded',
    '',
  ])
})

test('takes mocks from a file, which may import the workflows', async () => {
  const { code, out, err } = await simulate('release', '-p', 'n=1', '--mock-file', 'mocks.ts', ...APPROVED)
  expect({ code, out }).toEqual({ code: 0, out: 'mock/me@example.org\n' })
  expect(err).toContain('t+2d       publish failed: TASK_FAILED: busy; again in 1h\n')
  expect(err).toContain('t+2d1h10m  publish succeeded\n')
})

test('takes what somebody asks of the run', async () => {
  const { code, err } = await simulate('release', '-p', 'n=1', '--mock', 'publish=1', '--cancel', '1d')
  expect(code).toBe(5)
  expect(err).toMatch(/t\+1d +the run is closed: CANCELLED/)
  const step = await simulate('release', '-p', 'n=1', '--mock', 'publish=1', '--cancel', 'approval@1d')
  expect(step.code).toBe(1)
  expect(step.err).toMatch(/t\+1d +approval is stopped: CANCELLED/)
})

test('tells which wait nobody answered', async () => {
  const { code, out, err } = await simulate('release', '-p', 'n=1', '--mock-file', 'mocks.ts')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain("approval waits for signal approval since t: give --signal 'approval=…'")
  expect(err).toContain('error TIMEOUT')
})

test('a signal without a time comes when somebody waits for it', async () => {
  const signal = ['--signal', 'approval={"by":"me"}']
  const { code, out } = await simulate('release', '-p', 'n=1', '--mock-file', 'mocks.ts', ...signal, '--quiet')
  expect({ code, out }).toEqual({ code: 0, out: 'mock/me\n' })
})

test('--json gives every event and the end, as a run does', async () => {
  const { code, out } = await simulate('release', '-p', 'n=1', '--mock-file', 'mocks.ts', '--json', ...APPROVED)
  expect(code).toBe(0)
  const lines = jsonLines(out)
  expect(lines[0]).toMatchObject({ seq: 1, kind: 'run.started' })
  expect(lines.at(-1)).toEqual({
    kind: 'run.ended',
    run: 'simulation',
    status: 'succeeded',
    output: 'mock/me@example.org',
  })
})

describe('many simulations', () => {
  test('--seeds prints the outcomes that there are, each with a seed', async () => {
    const { code, out } = await simulate('first', '--mock-file', 'mocks.ts', '--seeds', '40')
    expect(code).toBe(0)
    expect(out).toMatch(
      /^\d+ of 40 {2}succeeded "[ab]" {2}\(--seed \d+\)\n\d+ of 40 {2}succeeded "[ab]" {2}\(--seed \d+\)\n$/,
    )
  })
  test('--crash-everywhere finds one outcome', async () => {
    const { out } = await simulate('release', '-p', 'n=1', '--mock-file', 'mocks.ts', '--crash-everywhere', ...APPROVED)
    expect(out).toMatch(/^(\d+) of \1 {2}succeeded "mock\/me@example.org" {2}\(without a crash\)\n$/)
  })
  test('--json prints them as data', async () => {
    const { out } = await simulate('first', '--mock-file', 'mocks.ts', '--seeds', '3', '--json')
    for (const line of jsonLines(out)) expect(line).toMatchObject({ kind: 'outcome', status: 'succeeded' })
  })
})

describe('what is wrong with the words', () => {
  const WRONG: readonly (readonly [string, number, readonly string[]])[] = [
    ['EFFECT_NOT_MOCKED', 2, ['release', '-p', 'n=1']],
    ['MOCK_UNKNOWN', 2, ['release', '-p', 'n=1', '--mock', 'publsh=1', '--real', 'all']],
    ['PARAMETER_MISSING', 2, ['release', '--real', 'all']],
    ['WORKFLOW_UNKNOWN', 2, ['relase']],
    ['USAGE', 2, ['first', '--mock', '=1']],
    ['USAGE', 2, ['first', '--real', 'some']],
    ['USAGE', 2, ['first', '--cancel', 'soon']],
    ['USAGE', 2, ['first', '--retry', '2d']],
    ['NO_MOCKS', 3, ['first', '--mock-file', 'none.ts']],
    ['SIGNAL_UNKNOWN', 2, ['release', '-p', 'n=1', '--real', 'all', '--signal', 'aproval=1@1d']],
    ['SIGNAL_INVALID', 2, ['release', '-p', 'n=1', '--real', 'all', '--signal', 'approval=1']],
  ]
  test.each(WRONG)('%s', async (code, exit, words) => {
    const ended = await simulate(...words)
    expect(ended.err).toContain(`error ${code}`)
    expect(ended.code).toBe(exit)
  })
})
