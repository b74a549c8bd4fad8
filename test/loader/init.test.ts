/** `tutti init` leaves a folder that works and touches nothing that was there. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { buildBundle, initProject, openBundle } from '../../src/loader/index.ts'
import { language, project } from './rig.ts'

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

test('an empty folder gets a starter that loads, a strict tsconfig, and a package', async () => {
  const folder = join(project({}), 'My Flows!')
  expect(initProject(folder, { version: '1.2.3' })).toEqual({
    ok: true,
    value: { written: ['tutti.ts', 'tsconfig.json', '.gitignore', 'package.json'] },
  })
  expect(JSON.parse(read(folder, 'package.json'))).toMatchObject({
    name: 'my-flows-',
    type: 'module',
    dependencies: { tutti: '^1.2.3' },
  })
  expect(JSON.parse(read(folder, 'tsconfig.json')).compilerOptions).toMatchObject({
    strict: true,
    module: 'nodenext',
    noEmit: true,
  })
  expect(read(folder, '.gitignore').split('\n')).toContain('.tutti/')
  const built = await buildBundle(join(folder, 'tutti.ts'))
  if (!built.ok) throw new Error(built.error[0]!.message)
  const { exports } = await openBundle(built.value.bundle, { dir: folder, provide: { tutti: language } })
  expect((exports['hello'] as () => string)()).toBe('HELLO, WORLD!')
})

test('what is there stays', () => {
  const folder = project({ 'package.json': '{}', '.gitignore': 'dist' })
  expect(initProject(folder, { version: '1.0.0' })).toMatchObject({
    ok: true,
    value: { written: ['tutti.ts', 'tsconfig.json', '.gitignore'] },
  })
  expect(read(folder, 'package.json')).toBe('{}')
  expect(read(folder, '.gitignore')).toBe('dist\n.tutti/\n')
})

test('a second time is refused and writes nothing', () => {
  const folder = project({ 'tsconfig.json': '{}' })
  const again = initProject(folder, { version: '1.0.0' })
  expect(!again.ok && again.error.map(each => [each.code, each.message.includes('tsconfig.json')])).toEqual([
    ['INIT_EXISTS', true],
  ])
  writeFileSync(join(folder, 'tutti.ts'), 'mine')
  expect(initProject(folder, { version: '1.0.0' }).ok).toBe(false)
  expect(read(folder, 'tutti.ts')).toBe('mine')
})
