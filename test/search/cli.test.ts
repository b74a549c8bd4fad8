/** `tutti find` as users meet it: what it prints, and how it ends. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { jsonLines } from '../cli/rig.ts'
import { type Project, projectWith, simple } from '../versions-cli/project.ts'

const text = (host: string): string => `import { effect, each, task, workflow } from 'tutti'
const compile = task((file: string) => { console.log('compiling', file); return { file, bytes: 4_000 } })
const deploy = effect((built: unknown) => { console.error('connect ECONNRESET ${host}'); throw Object.assign(new Error('${host} is down'), { code: 'HOST_DOWN' }) })
export const release = workflow(() => {
  const built = compile('main.ts')
  const all = each(['a.ts', 'b.ts'], file => compile(file), { key: file => file })
  return deploy(built).after(all)
})
`

let project: Project

beforeAll(async () => {
  project = projectWith(text('alpha'))
  await project.run('run', '--id', 'r1', '--quiet')
  project.write(text('beta'))
  await project.run('run', '--id', 'r2', '--quiet')
}, 60_000)

test('a table, and exit code 0', async () => {
  const { code, out } = await project.run('find', 'step where failed order by run.id')
  expect(code).toBe(0)
  const told = out.replace(/ +/g, ' ').replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d[\w.]*/g, 'WHEN')
  expect(told).toBe(
    [
      'RUN STEP STATUS STARTED TOOK TRIES ERROR',
      'r1 deploy failed WHEN 1 alpha is down',
      'r2 deploy failed WHEN 1 beta is down',
      '',
    ].join('\n'),
  )
})

test('a JSON object a row', async () => {
  const rows = await project.json('find', "log where text contains 'ECONNRESET' and run = 'r2'")
  expect(rows).toMatchObject([
    { text: 'connect ECONNRESET beta', stream: 'stderr', name: 'deploy', run: { id: 'r2', workflow: 'release' } },
  ])
  expect(await project.json('find', 'count step where name = compile and not known')).toEqual([{ count: 2 }])
  expect(await project.json('find', 'step group by status')).toEqual([
    { status: 'succeeded', count: 5 },
    { status: 'known', count: 3 },
    { status: 'failed', count: 2 },
  ])
})

test('nothing found: exit code 1', async () => {
  expect(await project.run('find', 'step where skipped')).toMatchObject({
    code: 1,
    out: '',
    err: 'Nothing found.\n',
  })
  expect(await project.run('find', 'count step where skipped')).toMatchObject({ code: 1, out: '0\n' })
})

test('a slip: exit code 2, with a caret under it', async () => {
  const { code, out, err } = await project.run('find', 'step where duraton > 5s', '--json')
  expect(code).toBe(2)
  expect(err).toContain('> 1 | step where duraton > 5s\n    |            ^\n')
  expect(err).toContain('hint: Did you mean duration?')
  expect(jsonLines(out)).toMatchObject([
    { kind: 'error', diagnostics: [{ code: 'QUERY_UNKNOWN_FIELD', at: { file: 'query', line: 1, column: 12 } }] },
  ])
})

test("steps of today's file, also before it has run", async () => {
  expect(await project.ok('find', 'built -> deploy')).toMatch(
    /^WORKFLOW +STEP +KIND +AT\nrelease +deploy +effect +tutti\.ts:/,
  )
  const fresh = projectWith(simple(1))
  expect(await fresh.ok('find', 'node where kind = task')).toMatch(/^w +value +task|^w +a +task/m)
  expect(existsSync(join(fresh.folder, '.tutti', 'store.db'))).toBe(false)
  expect(await fresh.refusal('find', 'step')).toMatchObject({ code: 'STORE_MISSING', exit: 3 })
})
