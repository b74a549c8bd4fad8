/** `publish`, `versions`, `rewind`, `run NAME@VERSION`: on the command line, with real files and processes. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/adapter.ts'
import { startTutti, tutti } from '../cli/rig.ts'
import { projectWith, simple } from './project.ts'

const value = (out: string): unknown => (JSON.parse(out) as { readonly value: unknown }).value

describe('publishing', () => {
  test('P1. what is published already is the same version, whoever publishes it again', async () => {
    const { ok, json, write } = projectWith(simple(1))
    expect(await ok('publish')).toBe('w@1.0.0\n')
    expect(await ok('publish')).toBe('w@1.0.0\n')
    write(`// a comment\n\n${simple(1).replace('const a', '/* more */ const  a')}`)
    expect(await ok('publish')).toBe('w@1.0.0\n')
    write(simple(2))
    expect(await ok('publish')).toBe('w@1.0.1\n')
    write(simple(1))
    expect(await ok('publish')).toBe('w@1.0.0\n')
    expect((await json('versions')).map(({ version, current }) => [version, current])).toEqual([
      ['1.0.1', false],
      ['1.0.0', true],
    ])
    write(simple(3))
    expect(await ok('publish')).toBe('w@1.0.2\n')
  })

  test('P2. processes that publish at once give each its own number, and nothing is lost', async () => {
    const { folder, ok, json, write } = projectWith(simple(0))
    await ok('publish')
    const started = [1, 2, 3, 4, 5].map(variant => {
      write(simple(variant))
      return tutti(['publish'], { cwd: folder })
    })
    const ended = await Promise.all(started)
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0))
    const listed = await json('versions')
    const numbers = listed.map(({ version }) => version)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(new Set(listed.map(({ hash }) => hash)).size).toBe(numbers.length)
    // Each of them has what it was told.
    for (const { out } of ended) expect(numbers).toContain(out.trim().replace('w@', ''))
  })

  test('of one file at once: one version', async () => {
    const { folder, json } = projectWith(simple(0))
    const ended = await Promise.all([1, 2, 3].map(() => tutti(['publish'], { cwd: folder })))
    expect(ended.map(({ code, out }) => [code, out])).toEqual(ended.map(() => [0, 'w@1.0.0\n']))
    expect(await json('versions')).toHaveLength(1)
  })

  test('a run publishes when it is told to, and is pinned to what it has published', async () => {
    const { ok, json } = projectWith(simple(1))
    expect(value(await ok('run', '--publish', '-m', 'from a run'))).toBe(2)
    expect(await json('versions')).toMatchObject([{ version: '1.0.0', message: 'from a run', runs: { succeeded: 1 } }])
    expect(await ok('show')).toContain('w@1.0.0')
  })

  test('nothing is written by --dry-run, and the reason is told', async () => {
    const { run, ok, json, write } = projectWith(simple(1))
    await ok('publish')
    write(simple(2))
    const { out, err } = await run('publish', '--dry-run')
    expect(out).toBe('w@1.0.1\n')
    expect(err).toMatch(/would be published: patch since 1\.0\.0\n {2}patch /)
    expect(await json('versions')).toHaveLength(1)
  })

  test('pre-releases stand beside the release that is current, on a channel of their own', async () => {
    const { ok, json, write } = projectWith(simple(1))
    await ok('publish')
    write(simple(2))
    expect(await ok('publish', '--pre', 'beta')).toBe('w@1.0.1-beta.0\n')
    write(simple(3))
    expect(await ok('publish', '--pre', 'beta')).toBe('w@1.0.1-beta.1\n')
    expect((await json('versions')).map(({ version, current, channel }) => [version, current, channel])).toEqual([
      ['1.0.1-beta.1', false, 'next'],
      ['1.0.1-beta.0', false, 'next'],
      ['1.0.0', true, 'stable'],
    ])
    expect(value(await ok('run', 'w@next'))).toBe(4)
    expect(value(await ok('run', 'w@stable'))).toBe(2)
    expect(value(await ok('run', 'w@1.0.1-beta.0'))).toBe(3)
    expect(value(await ok('run', 'w@^1.0.0'))).toBe(2)
    // What has proved itself becomes a release without another change.
    expect(await ok('publish')).toBe('w@1.0.1\n')
    expect(value(await ok('run', 'w@stable'))).toBe(4)
  })
})

test('what is wanted on another channel gets a number there', async () => {
  const { ok, json, write } = projectWith(simple(1))
  await ok('publish')
  write(simple(2))
  expect(await ok('publish', '--channel', 'nightly')).toBe('w@1.0.1\n')
  expect(await ok('publish', '--channel', 'nightly')).toBe('w@1.0.1\n')
  expect(value(await ok('run', 'w@stable'))).toBe(2)
  expect(value(await ok('run', 'w@current'))).toBe(2)
  expect(await ok('publish', '--channel', 'stable')).toBe('w@1.0.2\n')
  expect(value(await ok('run', 'w@stable'))).toBe(3)
  const [last, before] = await json('versions')
  expect(last?.['hash']).toBe(before?.['hash'])
})

describe('rewinding', () => {
  test('a null run is none after a rewind', async () => {
    const { ok, run, write } = projectWith(simple(1))
    await ok('run', '--publish')
    write(simple(2))
    await ok('publish')
    expect(value(await ok('run'))).toBe(3)
    expect((await run('run')).err).toContain('up to date')
    await ok('rewind', 'w@1.0.0')
    expect(value(await ok('run'))).toBe(2)
    expect(value(await ok('run', 'w@file'))).toBe(3)
    expect(value(await ok('run', 'tutti.ts', 'w'))).toBe(2)
    await ok('rewind', 'w@file')
    expect(value(await ok('run'))).toBe(3)
  })

  test('a file that is broken hinders nobody who has rewound', async () => {
    const { ok, write, refusal } = projectWith(simple(1))
    await ok('publish')
    write('this is no (program')
    expect((await refusal('run')).code).toBe('SYNTAX_ERROR')
    await ok('rewind', 'w@1.0.0')
    expect(value(await ok('run'))).toBe(2)
    expect(await ok('graph')).toContain('"a"')
  })

  test('publishing ends it', async () => {
    const { ok, write } = projectWith(simple(1))
    await ok('publish')
    await ok('rewind', 'w@1.0.0')
    write(simple(2))
    expect(value(await ok('run'))).toBe(2)
    await ok('publish')
    expect(value(await ok('run'))).toBe(3)
  })

  test('a run that waits goes on as it began, and the rewind says so', async () => {
    const waiting = (variant: number): string => `import { signal, task, workflow } from 'tutti'
const go = signal<string>()
const a = task((x: string): string => x + ${variant})
export const w = workflow(() => a(go.wait()))
`
    const { folder, ok, run, write } = projectWith(waiting(1))
    await ok('publish')
    const parked = await run('run', '--no-wait', '--id', 'first')
    expect(parked.code).toBe(6)
    write(waiting(2))
    await ok('publish')
    const { err } = await run('rewind', 'w@1.0.1')
    expect(err).toContain('first')
    await ok('signal', 'first', 'go', '"x"')
    rmSync(join(folder, 'tutti.ts'))
    expect(await ok('resume', 'first')).toBe('x1\n')
    expect(await ok('show', 'first')).toContain('w@1.0.0')
  })

  test('`up` takes another version when one becomes current', { timeout: 60_000 }, async () => {
    const { folder, ok, write } = projectWith(simple(1))
    await ok('publish')
    write(simple(2))
    await ok('publish')
    const up = startTutti(['up'], { cwd: folder })
    try {
      await up.says('1 step ran')
      await ok('rewind', 'w@1.0.0')
      await up.says('loaded    w@1.0.0')
      await ok('rewind', 'w@file')
      await up.says('loaded    w\n')
    } finally {
      up.child.kill('SIGTERM')
      expect((await up.ended).code).toBe(0)
    }
  })
})

test('`up --publish` publishes each change, and its runs belong to that', { timeout: 60_000 }, async () => {
  const { folder, json, write } = projectWith(simple(1))
  const up = startTutti(['up', '--publish'], { cwd: folder })
  try {
    await up.says('published w@1.0.0')
    await up.says('up to date')
    write(simple(2))
    await up.says('published w@1.0.1')
    await up.says('loaded    w@1.0.1')
    await up.says('1 step ran')
  } finally {
    up.child.kill('SIGTERM')
    await up.ended
  }
  expect(await json('versions')).toMatchObject([
    { version: '1.0.1', current: true },
    { version: '1.0.0', current: false, runs: { total: 1 } },
  ])
})

describe('bad input', () => {
  const text = `${simple(1)}export const other = workflow(() => a(2))\n`

  test.each([
    [['run', 'w@9.9.9'], 'VERSION_UNKNOWN', 'It has 1.0.0, 1.0.1'],
    [['run', 'w@^3'], 'VERSION_UNKNOWN', 'No version of w matches ^3'],
    [['run', 'w@nonsense'], 'VERSION_UNKNOWN', 'w has no version nonsense'],
    [['run', 'other@1.0.1'], 'VERSION_UNKNOWN', 'it is one of w'],
    [['run', 'nobody@1.0.0'], 'NOT_PUBLISHED', 'no published version of nobody'],
    [['run', 'nobody.ts', 'w@1.0.0'], 'NOT_PUBLISHED', ''],
    [['rewind', 'w'], 'USAGE', 'needs a version'],
    [['rewind', 'w@9'], 'VERSION_UNKNOWN', ''],
    [['versions', 'nobody'], 'NOT_PUBLISHED', ''],
    [['publish', 'tutti.ts', 'w', '--bump', 'huge'], 'USAGE', 'major'],
    [['publish', 'tutti.ts', 'w', '--bump', 'minor'], 'VERSION_SAME', 'Nothing has changed'],
    [['publish', 'tutti.ts', 'w', '--channel', '1.x'], 'CHANNEL_INVALID', ''],
    [['publish', 'tutti.ts', 'w', '--channel', 'latest'], 'CHANNEL_INVALID', ''],
    [['publish', 'tutti.ts', 'w', '--rename', 'a'], 'USAGE', 'BEFORE=AFTER'],
    [['run', 'w', '--sources', 'then'], 'USAGE', 'published version'],
  ])('%j is %s', async (words, code, said) => {
    const project = await published()
    const refused = await project.refusal(...words)
    expect(refused.code).toBe(code)
    expect(refused.err).toContain(said)
    expect(refused.exit).not.toBe(0)
  })

  let shared: Promise<ReturnType<typeof projectWith>> | undefined
  function published(): Promise<ReturnType<typeof projectWith>> {
    shared ??= (async () => {
      const project = projectWith(text)
      await project.ok('publish', 'tutti.ts', '--all')
      project.write(text.replace('x + 1', 'x + 2').replace('a(2)', 'task((x: number): number => x)(2)'))
      await project.ok('publish', 'tutti.ts', 'w')
      return project
    })()
    return shared
  }

  test('a version that is damaged is told of when it is wanted, and hinders no other', async () => {
    const { folder, ok, write, refusal } = projectWith(simple(1))
    for (const variant of [1, 2, 3]) {
      write(simple(variant))
      await ok('publish')
    }
    const database = await openDatabase(join(folder, '.tutti/store.db'), 'libsql')
    database.exec("UPDATE versions SET contents = zeroblob(length(contents)) WHERE number = '1.0.2'")
    database.close()
    expect((await refusal('run', 'w@1.0.2')).code).toBe('VERSION_DAMAGED')
    expect((await refusal('rewind', 'w@1.0.2')).code).toBe('VERSION_DAMAGED')
    expect(value(await ok('run', 'w@1.0.0'))).toBe(2)
    expect((await ok('versions')).split('\n')).toHaveLength(5)
    write(simple(4))
    expect(await refusal('publish')).toMatchObject({ code: 'VERSION_DAMAGED', err: expect.stringContaining('--bump') })
    expect(await ok('publish', '--bump', 'minor')).toBe('w@1.1.0\n')
    const { code, err } = await tutti(['doctor'], { cwd: folder })
    expect([code, err]).toEqual([3, expect.stringContaining('1.0.2')])
  })

  test('a lower bump than was found is refused, with what was found', async () => {
    const { ok, write, refusal } = projectWith(simple(1))
    await ok('publish')
    write(simple(1).replace('({ value: a(1) })', '({ values: a(1) })'))
    expect(await refusal('publish', '--bump', 'patch')).toMatchObject({ code: 'BUMP_TOO_LOW' })
    expect(await ok('publish', '--bump', 'major')).toBe('w@2.0.0\n')
  })
})
