/** What stands outside of a version, and is not as it was: said before anything of it runs, or had again. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectWith } from './project.ts'

const PACKAGES = {
  'node_modules/left/package.json':
    '{ "name": "left", "version": "1.3.0", "type": "module", "main": "i.js", "dependencies": { "right": "^2" } }',
  'node_modules/left/i.js': `export { default } from 'right'`,
  'node_modules/right/package.json': '{ "name": "right", "version": "2.0.1", "type": "module", "main": "i.js" }',
  'node_modules/right/i.js': 'export default 2',
}

const USING = `import { task, workflow } from 'tutti'
import two from 'left'
const a = task((x: number): number => x + two)
export const w = workflow(() => ({ value: a(1) }))
`

const NATIVE = `import { task, workflow } from 'tutti'
import { add } from './lib/add.cjs'
const a = task((x: number): number => add(x))
const b = task((x: number): number => add(x) + add(x), { executor: 'process' })
export const w = workflow(() => ({ value: b(a(1)) }))
`

describe('packages', () => {
  test('that are missing refuse the version, and nothing runs', async () => {
    const project = projectWith(USING, PACKAGES)
    await project.ok('publish')
    rmSync(join(project.folder, 'node_modules/left'), { recursive: true })
    const { code, err } = await project.refusal('run', 'w@1.0.0')
    expect(code).toBe('NOT_REPRODUCIBLE')
    expect(err).toContain('w@1.0.0 cannot run here: tutti.ts needs the package left, which is not installed')
    expect(err).toContain('npm install left@1.3.0')
    expect(await project.json('runs')).toEqual([])
  })

  test('that have another version are told of, and the version runs', async () => {
    const project = projectWith(USING, PACKAGES)
    await project.ok('publish')
    const manifest = PACKAGES['node_modules/right/package.json'].replace('2.0.1', '2.1.0')
    project.write(manifest, 'node_modules/right/package.json')
    const { code, out, err } = await project.run('run', 'w@1.0.0')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({ value: 3 })
    expect(err.split('\n')[0]).toBe('w@1.0.0: it had the package right 2.0.1, and here is 2.1.0')
  })
})

test('CommonJS files are had again when they have changed or gone, in other processes too', async () => {
  const add = (n: number) => `const by = require('./by.json')\nexports.add = x => x + by.by * ${n}\n`
  const project = projectWith(NATIVE, { 'lib/add.cjs': add(1), 'lib/by.json': '{ "by": 1 }' })
  const at = (name: string) => join(project.folder, name)
  await project.ok('publish')
  writeFileSync(at('lib/by.json'), '{ "by": 10 }')
  expect(JSON.parse(await project.ok('run', 'w@1.0.0', '--fresh'))).toEqual({ value: 6 })
  expect(JSON.parse(await project.ok('run', 'w@file', '--fresh'))).toEqual({ value: 42 })
  renameSync(at('lib'), at('gone'))
  rmSync(at('tutti.ts'))
  expect(JSON.parse(await project.ok('run', 'w@1.0.0', '--fresh'))).toEqual({ value: 6 })
})

test('a CommonJS file that was too large to be kept refuses the version once it has changed', async () => {
  const large = `exports.add = x => x + 1 // ${'x'.repeat(1024 * 1024)}`
  const project = projectWith(NATIVE, { 'lib/add.cjs': large })
  await project.ok('publish')
  expect(JSON.parse(await project.ok('run', 'w@1.0.0'))).toEqual({ value: 6 })
  project.write('exports.add = x => x + 2', 'lib/add.cjs')
  const { code, err } = await project.refusal('run', 'w@1.0.0')
  expect(code).toBe('MODULE_CHANGED')
  expect(err).toContain('lib/add.cjs is no longer what it was, and too large to have been kept')
})
