/** A workplace has what an attempt may look for, and no way to write to what is the user's. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashBytes } from '../../src/util/hash.ts'
import { bringSource, clearOutputs, openWorkplace, projectAsWorkplace } from '../../src/run/debug/workplace.ts'

let around: string
let project: string
const { TMPDIR } = process.env
beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), 'tutti-around-'))
  project = join(around, 'project')
  write('project/src/deep/a.ts', 'a')
})
afterEach(() => {
  if (TMPDIR === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = TMPDIR
  rmSync(around, { recursive: true, force: true })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(around, path)), { recursive: true })
  writeFileSync(join(around, path), text)
}

async function opened(): Promise<string> {
  write('tmp/x', '')
  process.env['TMPDIR'] = join(around, 'tmp')
  return (await openWorkplace(project, join(project, 'store'))).folder
}

test('it is a copy of the project without its history and its store', async () => {
  for (const path of ['.git/HEAD', '.tutti/head', 'store/head']) write(`project/${path}`, '')
  const folder = await opened()
  expect(readdirSync(folder)).toEqual(['src'])
  writeFileSync(join(folder, 'src/deep/a.ts'), 'changed')
  expect(readFileSync(join(project, 'src/deep/a.ts'), 'utf8')).toBe('a')
})

test('packages are links, also those of a folder above', async () => {
  write('project/node_modules/x/index.js', '')
  write('project/src/node_modules/y/index.js', '')
  write('node_modules/z/index.js', '')
  const folder = await opened()
  for (const path of ['node_modules/x', 'src/node_modules/y', '../node_modules/z'])
    expect(existsSync(join(folder, path, 'index.js')), path).toBe(true)
  expect(readlinkSync(join(folder, 'node_modules'))).toBe(join(project, 'node_modules'))
})

test('links inside stay; a file that a link leads out to is copied, and a folder is left out', async () => {
  write('outside.txt', 'outside')
  symlinkSync('src/deep', join(project, 'inner'))
  symlinkSync('../outside.txt', join(project, 'file'))
  symlinkSync(join(project, 'src'), join(project, 'absolute'))
  symlinkSync('nowhere', join(project, 'broken'))
  process.env['TMPDIR'] = around
  const { folder, leftOut } = await openWorkplace(project, '')
  expect(readlinkSync(join(folder, 'inner'))).toBe('src/deep')
  expect(lstatSync(join(folder, 'file')).isSymbolicLink()).toBe(false)
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('outside')
  expect(leftOut).toBe(1)
  expect(existsSync(join(folder, 'absolute'))).toBe(false)
})

test('it may lie in the project, and is not copied into itself', async () => {
  process.env['TMPDIR'] = project
  const { folder } = await openWorkplace(project, '')
  expect(readdirSync(folder)).toEqual(['src'])
})

test('a project that has gone is an empty folder', async () => {
  rmSync(project, { recursive: true })
  expect(readdirSync(await opened())).toEqual([])
})

test('outputs begin empty, wherever they stand in the arguments, and only those inside', async () => {
  for (const path of ['project/dist/old', 'project/kept/old', 'project/log']) write(path, '')
  const folder = await opened()
  const output = (path: string) => ({ kind: 'resource', resource: { kind: 'output', path } }) as const
  await clearOutputs(folder, [
    output('dist'),
    { kind: 'record', fields: { list: { kind: 'list', items: [output('log'), output('../kept'), output('.')] } } },
  ])
  expect(readdirSync(folder).sort()).toEqual(['kept', 'src'])
})

test('sources are brought from the project, and told when they are not what they were', async () => {
  write('project/new.ts', 'new')
  write('beside.ts', 'beside')
  const folder = await opened()
  rmSync(join(folder, 'new.ts'))
  const bring = (path: string, text: string) =>
    bringSource({ projectFolder: project, folder }, { path, hash: hashBytes(new TextEncoder().encode(text)) })
  expect(await bring('src/deep/a.ts', 'a')).toBe('as it was')
  expect(await bring('new.ts', 'new')).toBe('as it was')
  expect(await bring('../beside.ts', 'beside')).toBe('as it was')
  expect(await bring('src/deep/a.ts', 'b')).toBe('changed')
  expect(await bring('src/none.ts', '')).toBe('gone')
  expect(await bring('../../../etc/none', '')).toBe('gone')
  expect(readFileSync(join(folder, 'new.ts'), 'utf8')).toBe('new')
})

test('the project itself serves whoever asks for it', async () => {
  process.env['TMPDIR'] = around
  const place = await projectAsWorkplace(project)
  expect(place.folder).toBe(project)
  expect(basename(dirname(place.valuesFolder))).toMatch(/^tutti-debug-/)
})
