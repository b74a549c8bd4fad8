/** Tasks in other threads and processes, started by the command line; one that is killed is made good elsewhere. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, jsonLines, startTutti, tutti } from './rig.ts'

const IMPORTS =
  "import { ctx, each, effect, output, type Output, task, workflow } from 'tutti'\nimport { existsSync, appendFileSync, writeFileSync } from 'node:fs'\nimport { threadId } from 'node:worker_threads'\n"

test.concurrent('each executor gives the same values, and runs where it says', async () => {
  const job = (executor: string) =>
    `const ${executor} = task((n: { at: Date; big: bigint }) => { ctx().record('step', ctx().step); return { ...n, pid: process.pid, threadId } }, { executor: '${executor}' })\n`
  const cwd = folderWith({
    'tutti.ts':
      `${IMPORTS}${['inline', 'thread', 'process'].map(job).join('')}const given = task(() => ({ at: new Date(5), big: 7n }))\nexport const main = workflow(() => [inline(given()), thread(given()), process_(given())])\nconst process_ = process\n`
        .replace('const process = task', 'const elsewhere = task')
        .replace('process_(given())', 'elsewhere(given())')
        .replace('const process_ = process\n', ''),
  })
  const ended = await tutti(['run'], { cwd })
  expect(ended.code, ended.err).toBe(0)
  const [inline, thread, elsewhere] = JSON.parse(ended.out)
  for (const each of [inline, thread, elsewhere])
    expect(each).toMatchObject({ at: { $date: '1970-01-01T00:00:00.005Z' }, big: { $bigint: '7' } })
  expect(thread.pid).toBe(inline.pid)
  expect([inline.threadId, thread.threadId > 0, elsewhere.threadId]).toEqual([0, true, 0])
  expect(elsewhere.pid).not.toBe(inline.pid)
})

test.concurrent('a worker that is killed -9 in the middle costs an attempt, not the run', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}import { setTimeout as pause } from 'node:timers/promises'
const job = effect(async (n: number) => {
  appendFileSync('ran', JSON.stringify({ pid: process.pid, attempt: ctx().attempt, key: ctx().idempotencyKey }) + '\\n')
  while (!existsSync('go')) await pause(5)
  return n * 2
}, { executor: 'process' })
export const main = workflow(() => job(21))
`,
  })
  const live = startTutti(['run', '--json'], { cwd })
  await live.says('"kind":"attempt.started"')
  const ran = (): readonly Readonly<Record<string, unknown>>[] => {
    try {
      return jsonLines(readFileSync(join(cwd, 'ran'), 'utf8'))
    } catch {
      return []
    }
  }
  while (ran().length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  process.kill(Number(ran()[0]?.['pid']), 'SIGKILL')
  await live.says('"kind":"attempt.failed"')
  writeFileSync(join(cwd, 'go'), '')
  const ended = await live.ended
  expect(ended.code, ended.err).toBe(0)
  expect(jsonLines(ended.out).at(-1)).toMatchObject({ status: 'succeeded', output: 42 })
  const [first, second, ...more] = ran()
  expect(more).toEqual([])
  expect(second?.['key']).toBe(first?.['key'])
  expect(Number(second?.['attempt'])).toBeGreaterThan(Number(first?.['attempt']))
  expect(jsonLines(ended.out)).toContainEqual(
    expect.objectContaining({
      kind: 'attempt.failed',
      counts: false,
      fault: expect.objectContaining({ code: 'WORKER_LOST' }),
    }),
  )
})
