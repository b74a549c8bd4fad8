/** `tutti checkout`: what a run has given, in a folder, as it is now or was at any moment. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTutti, tutti } from '../cli/rig.ts'
import { type Project, projectWith } from './project.ts'

type Fields = Readonly<Record<string, unknown>>
interface Index extends Fields {
  readonly seq: number
  readonly status: string
  readonly steps: readonly (Fields & { readonly step: string; readonly path: string; readonly value?: Fields })[]
  readonly files: readonly Fields[]
}

const textIn = (project: Project, path: string): string => readFileSync(join(project.folder, path), 'utf8')
const jsonIn = <T = unknown>(project: Project, path: string): T => JSON.parse(textIn(project, path)) as T
const indexIn = (project: Project, dir: string): Index => jsonIn<Index>(project, `${dir}/index.json`)
/** Every file and link under a folder, with `/`. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(each => !each.isDirectory())
    .map(each => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort()

const EVERYTHING = `import { each, effect, output, sh, task, workflow, type Output, type FileHandle } from 'tutti'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
const small = task(() => ({ when: new Date(0), none: undefined, list: [1, 'two'] }))
const text = task(() => 'line\\n'.repeat(2000))
const bytes = task(() => new Uint8Array(5000).fill(7))
const folder = task(async (to: Output) => {
  await mkdir(join(to.path, 'deep/empty'), { recursive: true })
  await writeFile(join(to.path, 'deep/run.sh'), '#!/bin/sh\\n')
  await chmod(join(to.path, 'deep/run.sh'), 0o755)
  await writeFile(join(to.path, 'large.bin'), Buffer.alloc(300_000, 3))
  await symlink('deep/run.sh', join(to.path, 'latest'))
  return to
})
const nested = task(async (to: Output) => {
  await writeFile(to.path, 'nested')
  return { report: to, n: 1 }
})
const shout = task((item: string) => { console.log('about ' + item); return item.toUpperCase() })
const bad = effect(() => { throw Object.assign(new Error('broken'), { code: 'BROKEN', detail: { x: 1 } }) })
export const w = workflow({}, () => {
  const all = {
    small: small(), text: text(), bytes: bytes(), folder: folder(output('out/tree')), nested: nested(output('out/n.txt')),
    shouted: each(['a', 'b'], item => shout(item), { key: item => item }),
  }
  return all
})
export const failing = workflow(() => bad())
`

test('every value, file and line of a run, and what was asked of it', async () => {
  const project = projectWith(EVERYTHING)
  await project.ok('run', 'w', '--id', 'r')
  rmSync(join(project.folder, 'out'), { recursive: true })
  expect(await project.ok('checkout', 'r', '--into', 'co')).toBe('co\n')
  expect(filesIn(join(project.folder, 'co'))).toEqual([
    'arguments.json',
    'files/out/n.txt',
    'files/out/tree/deep/run.sh',
    'files/out/tree/large.bin',
    'files/out/tree/latest',
    'index.json',
    'logs/shouted[a]/shout.txt',
    'logs/shouted[b]/shout.txt',
    'result.json',
    'state.json',
    'steps/bytes.bin',
    'steps/folder.json',
    'steps/nested.json',
    'steps/shouted[a]/shout.json',
    'steps/shouted[b]/shout.json',
    'steps/small.json',
    'steps/text.txt',
  ])
  expect(jsonIn(project, 'co/steps/small.json')).toEqual({
    when: { $date: '1970-01-01T00:00:00.000Z' },
    list: [1, 'two'],
  })
  expect(textIn(project, 'co/steps/text.txt')).toBe('line\n'.repeat(2000))
  expect(readFileSync(join(project.folder, 'co/steps/bytes.bin'))).toEqual(Buffer.alloc(5000, 7))
  expect(jsonIn(project, 'co/steps/nested.json')).toEqual({ report: 'files/out/n.txt', n: 1 })
  expect(jsonIn(project, 'co/steps/folder.json')).toBe('files/out/tree')
  expect(textIn(project, 'co/logs/shouted[b]/shout.txt')).toBe('about b\n')
  expect(jsonIn<Fields>(project, 'co/result.json')).toMatchObject({ folder: 'files/out/tree', shouted: ['A', 'B'] })
  const tree = join(project.folder, 'co/files/out/tree')
  expect(statSync(join(tree, 'deep/empty')).isDirectory()).toBe(true)
  expect(statSync(join(tree, 'deep/run.sh')).mode & 0o777).toBe(0o755)
  expect(statSync(join(tree, 'large.bin')).mode & 0o777).toBe(0o644)
  expect(textIn(project, 'co/files/out/tree/latest')).toBe('#!/bin/sh\n')
  const { steps, status } = indexIn(project, 'co')
  expect(status).toBe('succeeded')
  expect(steps.find(({ step }) => step === 'text')).toMatchObject({
    path: 'text',
    status: 'succeeded',
    attempt: 1,
    value: { codec: 'text', sizeBytes: 10_000, at: 'steps/text.txt' },
  })
  // A copy: who writes to it changes nothing in the store.
  writeFileSync(join(tree, 'large.bin'), 'changed')
  await project.ok('doctor')
  expect(existsSync(join(project.folder, 'out'))).toBe(false)
})

test('an error with its own fields, of a run that failed', async () => {
  const project = projectWith(EVERYTHING)
  expect((await project.run('run', 'failing', '--id', 'r')).code).toBe(1)
  await project.ok('checkout', 'r', '--into', 'co')
  expect(jsonIn(project, 'co/steps/bad.error.json')).toMatchObject({ code: 'BROKEN', message: 'broken' })
  expect(textIn(project, 'co/steps/bad.error.json')).toContain('"detail"')
  expect(jsonIn(project, 'co/result.error.json')).toMatchObject({ code: 'BROKEN' })
  expect(indexIn(project, 'co').steps).toMatchObject([{ step: 'bad', status: 'failed', error: 'steps/bad.error.json' }])
})

test('only some steps, with all that is in them; one value for a pipe', async () => {
  const project = projectWith(EVERYTHING)
  await project.ok('run', 'w', '--id', 'r')
  await project.ok('checkout', 'r', 'shouted', 'text', '--into', 'co')
  expect(indexIn(project, 'co').steps.map(({ path }) => path)).toEqual(['shouted[a]/shout', 'shouted[b]/shout', 'text'])
  expect(await project.ok('checkout', 'r', '--print', 'small')).toBe(
    `${JSON.stringify({ when: { $date: '1970-01-01T00:00:00.000Z' }, list: [1, 'two'] }, undefined, 2)}\n`,
  )
  expect(await project.ok('checkout', 'r', '--print', 'text')).toBe('line\n'.repeat(2000))
  expect(await project.ok('checkout', 'r', '--print', 'bytes')).toBe('\u0007'.repeat(5000))
  expect(await project.ok('checkout', 'r', '--print', 'folder')).toBe('"files/out/tree"\n')
  expect(await project.refusal('checkout', 'r', '--print', 'shout')).toMatchObject({ code: 'STEP_AMBIGUOUS', exit: 2 })
  expect(await project.refusal('checkout', 'r', 'txt', '--into', 'other')).toMatchObject({
    code: 'STEP_UNKNOWN',
    exit: 2,
  })
})

const WAITS = `import { output, signal, task, workflow, type Output } from 'tutti'
import { writeFile } from 'node:fs/promises'
const go = signal<string>()
const first = task(async (to: Output) => { await writeFile(to.path, 'first'); return to })
const second = task(async (to: Output, word: string) => { await writeFile(to.path, word); return to })
export const w = workflow(() => {
  const a = first(output('out.txt'))
  return { a, b: second(output('later.txt'), go.wait()).after(a) }
})
`

test('a run as it was at any moment: only what was durable by then, and what it waited for', async () => {
  const project = projectWith(WAITS)
  expect((await project.run('run', '--id', 'r', '--no-wait')).code).toBe(6)
  const [paused] = await project.json('checkout', 'r', '--into', 'paused')
  const before = new Date().toISOString()
  await project.ok('signal', 'r', 'go', '"word"')
  await project.ok('resume', 'r')
  for (const [dir, at] of [
    ['seq', String(paused?.['seq'])],
    ['instant', before],
  ] as const) {
    await project.ok('checkout', 'r', '--into', dir, '--at', at)
    expect(filesIn(join(project.folder, dir, 'files'))).toEqual(['out.txt'])
    expect(existsSync(join(project.folder, dir, 'result.json'))).toBe(false)
    const state = jsonIn<{ status: string; waits: readonly Fields[]; steps: readonly Fields[] }>(
      project,
      `${dir}/state.json`,
    )
    expect(state.waits).toMatchObject([{ kind: 'signal', signal: 'go' }])
    expect(state.steps.map(({ step, status }) => [step, status])).toEqual([
      ['first', 'succeeded'],
      ['go', 'awaiting'],
      ['second', 'waiting'],
    ])
  }
  await project.ok('checkout', 'r', '--into', 'now')
  expect(filesIn(join(project.folder, 'now/files'))).toEqual(['later.txt', 'out.txt'])
  expect(jsonIn(project, 'now/steps/go.json')).toBe('word')
  await project.ok('checkout', 'r', '--into', 'first', '--at', '1')
  expect(indexIn(project, 'first')).toMatchObject({ seq: 1, status: 'running', steps: [], files: [] })
  const head = indexIn(project, 'now').seq
  expect(await project.refusal('checkout', 'r', '--into', 'x', '--at', String(head + 1000))).toMatchObject({
    code: 'AT_OUTSIDE',
    exit: 2,
  })
  expect(await project.refusal('checkout', 'r', '--into', 'x', '--at', '2001-01-01')).toMatchObject({
    code: 'AT_OUTSIDE',
  })
  expect(await project.refusal('checkout', 'r', '--into', 'x', '--at', 'yesterday')).toMatchObject({ code: 'USAGE' })
})

test('a run that goes on, one that was cancelled, one that was redriven', async () => {
  const project = projectWith(`import { sh, task, workflow } from 'tutti'
import { existsSync } from 'node:fs'
const quick = task(() => 'quick')
const slow = task(async () => { console.log('begun'); await sh\`sleep 30\` })
const moody = task(() => { if (!existsSync('mood')) throw new Error('moody'); return 'calm' })
export const w = workflow(() => {
  const first = quick()
  slow().after(first)
})
export const again = workflow(() => ({ q: quick(), m: moody() }))
`)
  const live = startTutti(['run', 'w', '--id', 'live', '--verbose'], { cwd: project.folder })
  await live.says('begun')
  await project.ok('checkout', 'live', '--into', 'live')
  expect(jsonIn(project, 'live/steps/first.json')).toBe('quick')
  expect(jsonIn<{ steps: Fields[]; owner: string }>(project, 'live/state.json')).toMatchObject({
    status: 'running',
    owner: expect.stringContaining(String(live.child.pid)),
  })
  await project.ok('cancel', 'live')
  await live.ended
  await project.ok('checkout', 'live', '--into', 'cancelled')
  expect(indexIn(project, 'cancelled').status).toBe('cancelled')
  expect(textIn(project, 'cancelled/logs/slow.txt')).toBe('begun\n')
  await project.run('run', 'again', '--id', 'r')
  const failed = (await project.json('checkout', 'r', '--into', 'failed'))[0]?.['seq']
  project.write('', 'mood')
  await project.ok('redrive', 'r')
  await project.ok('checkout', 'r', '--into', 'redriven')
  expect(jsonIn(project, 'redriven/result.json')).toEqual({ q: 'quick', m: 'calm' })
  await project.ok('checkout', 'r', '--into', 'then', '--at', String(failed))
  for (const dir of ['failed', 'then'])
    expect(jsonIn(project, `${dir}/steps/m.error.json`)).toMatchObject({ message: 'moody' })
})

test('names that are no names of files', async () => {
  const keys = [
    '../../up',
    'a/b',
    'A/B',
    'ä',
    'a\u0308',
    '..',
    '.',
    'x'.repeat(300),
    'x'.repeat(301),
    '漢字',
    'nul\u0000',
    'a%2Fb',
    ']',
    '[',
  ]
  const project = projectWith(`import { each, task, workflow } from 'tutti'
const same = task((item: string) => item)
export const w = workflow(() => each(${JSON.stringify(keys)}, item => same(item), { key: item => item }))
`)
  await project.ok('run', '--id', 'r')
  await project.ok('checkout', 'r', '--into', 'co')
  const { steps } = indexIn(project, 'co')
  const places = steps.map(({ value }) => String(value?.['at']))
  expect(steps.map(({ value }) => jsonIn<string>(project, `co/${String(value?.['at'])}`)).sort()).toEqual(
    [...keys].sort(),
  )
  expect(new Set(places.map(at => at.normalize('NFC').toLowerCase())).size).toBe(keys.length)
  expect(filesIn(join(project.folder, 'co/steps'))).toHaveLength(keys.length)
  expect(readdirSync(project.folder).filter(name => name.startsWith('up'))).toEqual([])
})

test('a folder that is not empty is left alone; --force replaces what belongs to the checkout, and follows no link', async () => {
  const project = projectWith(EVERYTHING)
  await project.ok('run', 'w', '--id', 'r')
  mkdirSync(join(project.folder, 'co'))
  writeFileSync(join(project.folder, 'co/mine.txt'), 'mine')
  expect(await project.refusal('checkout', 'r', '--into', 'co')).toMatchObject({ code: 'CHECKOUT_NOT_EMPTY', exit: 2 })
  await project.ok('checkout', 'r', '--into', 'co', '--force')
  const whole = filesIn(join(project.folder, 'co'))
  writeFileSync(join(project.folder, 'co/steps/text.txt'), 'other')
  await project.ok('checkout', 'r', '--into', 'co', '--force')
  expect(filesIn(join(project.folder, 'co'))).toEqual(whole)
  expect(textIn(project, 'co/mine.txt')).toBe('mine')
  expect(textIn(project, 'co/steps/text.txt')).toContain('line')
  mkdirSync(join(project.folder, 'aside'))
  rmSync(join(project.folder, 'co/files'), { recursive: true })
  symlinkSync(join(project.folder, 'aside'), join(project.folder, 'co/files'))
  expect(await project.refusal('checkout', 'r', '--into', 'co', '--force')).toMatchObject({ code: 'CHECKOUT_BLOCKED' })
  expect(readdirSync(join(project.folder, 'aside'))).toEqual([])
  expect(readdirSync(join(project.folder, 'co')).filter(name => name.startsWith('.tutti'))).toEqual([])
  for (const into of ['.tutti', '.tutti/blobs/x'])
    expect(await project.refusal('checkout', 'r', '--into', into, '--force')).toMatchObject({ code: 'USAGE' })
})

const blobOf = ({ folder }: Project, content: string | Uint8Array): string => {
  const hash = createHash('sha256').update(content).digest('hex')
  return join(folder, '.tutti/blobs', hash.slice(0, 2), hash.slice(2))
}

test('what the store has lost is told, and the rest is given; when all is gone, so is the success', async () => {
  const project = projectWith(EVERYTHING)
  await project.ok('run', 'w', '--id', 'r')
  rmSync(blobOf(project, 'line\n'.repeat(2000)))
  rmSync(blobOf(project, Buffer.alloc(300_000, 3)))
  const { code, err } = await project.run('checkout', 'r', '--into', 'co')
  expect(code).toBe(0)
  expect(err).toContain('gone: text (BLOB_MISSING)')
  expect(err).toContain('gone: out/tree/large.bin (BLOB_MISSING)')
  const { steps, files } = indexIn(project, 'co')
  expect(steps.find(({ step }) => step === 'text')?.value).toMatchObject({ gone: 'BLOB_MISSING' })
  expect(files.find(({ path }) => path === 'out/tree/large.bin')).toMatchObject({ gone: 'BLOB_MISSING' })
  expect(existsSync(join(project.folder, 'co/files/out/tree/deep/run.sh'))).toBe(true)
  expect((await project.run('checkout', 'r', 'text', '--into', 'one')).code).toBe(1)
  expect(await project.refusal('checkout', 'r', '--print', 'text')).toMatchObject({ code: 'BLOB_MISSING' })
})

test('no secret comes with it', async () => {
  const project = projectWith(`import { effect, secret, workflow, type Secret } from 'tutti'
const use = effect((token: Secret) => { console.log('with ' + token.reveal()); return token.reveal().length })
export const w = workflow(() => use(secret('TOKEN')))
`)
  const env = { TOKEN: 'very-secret-token' }
  await tutti(['run', '--id', 'r'], { cwd: project.folder, env })
  await project.ok('checkout', 'r', '--into', 'co')
  const all = filesIn(join(project.folder, 'co')).map(path => textIn(project, `co/${path}`))
  expect(all.join('')).not.toContain(env.TOKEN)
  expect(all.join('')).toContain('use')
})

test('it needs to know where to', async () => {
  const project = projectWith(EVERYTHING)
  await project.ok('run', 'w', '--id', 'r')
  expect(await project.refusal('checkout', 'r')).toMatchObject({ code: 'USAGE', exit: 2 })
  expect(await project.refusal('checkout', 'q', '--into', 'co')).toMatchObject({ code: 'RUN_UNKNOWN', exit: 2 })
})

test('a run that was moved to another version: before that it is one of the first', async () => {
  const text = (name: string): string => `import { signal, task, workflow } from 'tutti'
const go = signal<string>()
const first = task(() => 'first')
const ${name} = task((word: string) => '${name} ' + word)
export const w = workflow(() => {
  const a = first()
  const b = go.wait()
  return { a, b, c: ${name}(b) }
})
`
  const project = projectWith(text('second'))
  await project.ok('publish')
  await project.run('run', 'w@1.0.0', '--id', 'r', '--no-wait')
  const [before] = await project.json('checkout', 'r', '--into', 'before')
  project.write(text('third'))
  await project.ok('publish')
  const [newest] = await project.json('versions')
  await project.ok('migrate', 'r', '--to', String(newest?.['version']))
  await project.ok('signal', 'r', 'go', '"word"')
  await project.ok('resume', 'r')
  await project.ok('checkout', 'r', '--into', 'after')
  expect(jsonIn(project, 'after/result.json')).toEqual({ a: 'first', b: 'word', c: 'third word' })
  await project.ok('checkout', 'r', '--into', 'then', '--at', String(before?.['seq']))
  const ids = (dir: string) => jsonIn<{ steps: Fields[] }>(project, `${dir}/state.json`).steps.map(({ step }) => step)
  expect(ids('then')).toContain('second')
  expect(ids('after')).toContain('third')
})

test('D2: killed half-way it has no index, and no half file under a name; with --force it is made whole', async () => {
  const project = projectWith(`import { output, task, workflow, type Output } from 'tutti'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
const many = task(async (to: Output) => {
  await mkdir(to.path)
  for (let n = 0; n < 400; n++) await writeFile(join(to.path, String(n)), Buffer.alloc(400_000, n % 251))
  return to
})
export const w = workflow(() => many(output('out')))
`)
  await project.ok('run', '--id', 'r')
  const live = startTutti(['checkout', 'r', '--into', 'co'], { cwd: project.folder })
  const out = join(project.folder, 'co/files/out')
  const some = (): number => (existsSync(out) ? readdirSync(out).length : 0)
  while (some() < 5) await new Promise(resolve => setImmediate(resolve))
  live.child.kill('SIGKILL')
  await live.ended
  expect(existsSync(join(project.folder, 'co/index.json'))).toBe(false)
  const whole = (): boolean =>
    readdirSync(out).every(name => readFileSync(join(out, name)).equals(Buffer.alloc(400_000, Number(name) % 251)))
  expect(whole()).toBe(true)
  await project.ok('checkout', 'r', '--into', 'co', '--force')
  expect([some(), whole()]).toEqual([400, true])
  expect(filesIn(join(project.folder, 'co')).filter(name => name.includes('tmp'))).toEqual([])
})

test('a run from another store', async () => {
  const project = projectWith(EVERYTHING)
  await project.ok('run', 'w', '--id', 'r')
  await project.ok('export', 'r', '-o', 'r.ndjson')
  await project.ok('import', 'r.ndjson', '--store', 'other')
  await project.ok('checkout', 'r', '--into', 'here')
  await project.ok('checkout', 'r', '--into', 'there', '--store', 'other')
  const lines = (name: string): boolean => name.startsWith('logs/') || name === 'index.json' || name === 'state.json'
  const given = (dir: string) =>
    filesIn(join(project.folder, dir))
      .filter(name => !lines(name))
      .map(name => [name, textIn(project, `${dir}/${name}`)])
  expect(given('there')).toEqual(given('here'))
})
