/** Sources in runs: what they give decides what runs. */
import { afterEach, expect, test } from 'vitest'
import { newProject, type Project } from './project.ts'

let project: Project
afterEach(() => project.close())

const HEAD = `import { readFileSync } from 'node:fs'
import { clock, dir, file, files, flow, lastResult, sh, source, task, workflow } from 'tutti'
const text = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
`

test('a function is called in every run; what it gives decides', async () => {
  project = newProject(
    `${HEAD}
const version = source(() => sh\`head -n 1 version\`)
const build = task(({ stdout }: { readonly stdout: string }) => \`built \${stdout}\`)
export const w = workflow(() => build(version()))`,
    { version: 'one\nrest' },
  )
  expect(await project.run()).toMatchObject({ status: 'succeeded', ran: ['version', 'build'], output: 'built one' })
  project.write('version', 'one\nother')
  expect(await project.run()).toMatchObject({ ran: ['version'], known: ['build'], output: 'built one' })
  project.write('version', 'two')
  expect(await project.run()).toMatchObject({ ran: ['version', 'build'], output: 'built two' })
})

test('with a stamp it is called only when the stamp is another one', async () => {
  project = newProject(
    `${HEAD}
const table = source((tag: string) => \`\${text('./table')} \${word} \${tag}\`, { stamp: () => text('./tag') })
const word = 'at'
export const w = workflow(() => table())`,
    { tag: '1', table: 'a' },
  )
  expect(await project.run()).toMatchObject({ ran: ['table-stamp', 'table'], output: 'a at 1' })
  project.write('table', 'b')
  expect(await project.run()).toMatchObject({ ran: ['table-stamp'], known: ['table'], output: 'a at 1' })
  project.write('tag', '2')
  expect(await project.run()).toMatchObject({ ran: ['table-stamp', 'table'], output: 'b at 2' })
  project.write('tutti.ts', project.read('tutti.ts').replace("'at'", "'of'"))
  expect(await project.run()).toMatchObject({ ran: ['table-stamp', 'table'], output: 'b of 2' })
})

test('in a flow it is awaited, and called each time', async () => {
  project = newProject(
    `${HEAD}
const version = source(() => text('./version'))
const table = source((tag: string) => \`table \${tag}\`, { stamp: () => text('./version') })
export const w = flow(async () => [await version(), await table()])`,
    { version: 'one' },
  )
  expect(await project.run()).toMatchObject({ status: 'succeeded', output: ['one', 'table one'] })
  project.write('version', 'two')
  expect(await project.run()).toMatchObject({ output: ['two', 'table two'] })
})

test('the last result of another workflow', async () => {
  project = newProject(
    `${HEAD}
const measure = task((path: string) => Number(text(path)), { cache: 'off' })
export const nightly = workflow(() => ({ size: measure('./size') }))
const report = task((size: number) => \`size \${size}\`)
export const w = workflow(() => report(lastResult(nightly).size))`,
    { size: '1' },
  )
  const early = await project.run({ workflow: 'w' })
  expect([early.status, early.faults.join()]).toEqual(['failed', expect.stringContaining('SOURCE_MISSING')])
  await project.run({ workflow: 'nightly' })
  expect((await project.run({ workflow: 'w' })).output).toBe('size 1')
  project.write('size', '2')
  expect((await project.run({ workflow: 'w' })).output).toBe('size 1')
  await project.run({ workflow: 'nightly' })
  expect((await project.run({ workflow: 'w' })).output).toBe('size 2')
})

test('a folder is handed on as it is, and decides by its content', async () => {
  project = newProject(
    `${HEAD}
const list = task((data: Dir) => sh\`cat \${data}/a\`)
import type { Dir } from 'tutti'
export const w = workflow(() => list(dir('data')).stdout)`,
    { 'data/a': '1' },
  )
  expect(await project.run()).toMatchObject({ ran: ['list'], output: '1' })
  project.write('data/a', '1')
  expect(await project.run()).toMatchObject({ known: ['list'], output: '1' })
  project.write('data/a', '2')
  expect(await project.run()).toMatchObject({ ran: ['list'], output: '2' })
  project.write('data/b', '')
  expect(await project.run()).toMatchObject({ ran: ['list'] })
})

test('a clock that stands still runs nothing', async () => {
  project = newProject(`${HEAD}
const poll = task((hour: string) => hour)
export const w = workflow(() => poll(clock('10w')))`)
  const { output } = await project.run()
  expect(output).toMatch(/^20.*T00:00:00.000Z$/)
  expect(await project.run()).toMatchObject({ known: ['poll'], output })
})
