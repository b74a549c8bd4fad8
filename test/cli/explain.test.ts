/** What changed, what follows, what would run and why: `--since`, `impact`, `plan` and `why`, on examples/monorepo. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { folderWith, tutti } from './rig.ts'

const example = fileURLToPath(new URL('../../examples/monorepo', import.meta.url))

function monorepo(): string {
  const folder = folderWith({ '.gitignore': 'node_modules\ndist\n.tutti\n' })
  cpSync(example, folder, { recursive: true, filter: path => !/\/(?:dist|\.tutti)$/.test(path) })
  return folder
}

const git = (cwd: string, ...words: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...words], { cwd, encoding: 'utf8' })

function committed(folder: string): string {
  git(folder, 'init', '-q', '-b', 'main')
  git(folder, 'add', '-A')
  git(folder, 'commit', '-q', '-m', 'one')
  return folder
}

const ran = (err: string): readonly string[] =>
  [...err.matchAll(/^(?:ok|failed) +(\S+)/gm)].map(([, step = '']) => step).filter(step => !/file|modules/.test(step))

describe('a monorepo', () => {
  test('runs as a whole, and each project by itself, sharing what they make', async () => {
    const cwd = monorepo()
    const env = { TUTTI_STORE: join(cwd, '.tutti') }
    const whole = await tutti(['run'], { cwd, env })
    expect([whole.code, ran(whole.err).toSorted()]).toEqual([
      0,
      ['api/checked', 'api/dist', 'api/tested', 'page/rendered', 'shared/assembled', 'shared/checked'],
    ])
    expect(readFileSync(join(cwd, 'web/dist/index.html'), 'utf8')).toContain('<li>bread: 4.20</li>')
    rmSync(join(cwd, 'shared/dist'), { recursive: true })
    for (const project of ['api', 'web', 'shared']) {
      const alone = await tutti(['run', project], { cwd, env })
      expect([project, alone.code, ran(alone.err)]).toEqual([project, 0, []])
    }
    expect(existsSync(join(cwd, 'shared/dist/prices.mjs'))).toBe(true)
  })
})

describe('--since', () => {
  const CASES: readonly (readonly [
    what: string,
    change: (folder: string) => void,
    words: readonly string[],
    affected: readonly string[],
  ])[] = [
    ['nothing', () => {}, [], []],
    ['a file that no source looks at', folder => writeFileSync(join(folder, 'notes.txt'), ''), [], []],
    [
      'a new file',
      folder => writeFileSync(join(folder, 'api/src/new.mjs'), ''),
      [],
      ['api/checked', 'api/dist', 'api/tested', 'page/rendered'],
    ],
    ['a file that is gone', folder => rmSync(join(folder, 'api/test/products.mjs')), [], ['api/tested']],
    [
      'what the page is made by',
      folder => appendFileSync(join(folder, 'web/src/render.mjs'), '//'),
      [],
      ['page/rendered'],
    ],
    [
      'the same, asked for another step',
      folder => appendFileSync(join(folder, 'web/src/render.mjs'), '//'),
      ['--only', 'api'],
      [],
    ],
    ['a module of one project', folder => appendFileSync(join(folder, 'web/tutti.ts'), '//'), [], ['page/rendered']],
  ]

  test.concurrent.each(CASES)('%s', async (_what, change, words, affected) => {
    const cwd = committed(monorepo())
    change(cwd)
    const { code, err } = await tutti(['run', '--since', 'main', ...words], { cwd })
    const told = /^ {2}affected: (.*)$/m.exec(err)?.[1]
    expect([code, told?.split(', ').toSorted() ?? []]).toEqual([0, affected])
    if (affected.length === 0) expect(err).toContain('nothing that this workflow does hangs on it')
  })

  test('compares with what both have in common, from a folder inside of the repository', async () => {
    const folder = committed(monorepo())
    git(folder, 'checkout', '-q', '-b', 'mine')
    appendFileSync(join(folder, 'web/src/render.mjs'), '//')
    git(folder, 'commit', '-q', '-am', 'two')
    git(folder, 'checkout', '-q', 'main')
    appendFileSync(join(folder, 'api/src/products.mjs'), '//')
    git(folder, 'commit', '-q', '-am', 'three')
    git(folder, 'checkout', '-q', 'mine')
    const { err } = await tutti(['run', '--since', 'main'], { cwd: join(folder, 'web') })
    expect(err).toContain('  1 file changed: src/render.mjs\n  affected: rendered\n')
  })

  test('says what is wrong with the ref, or that there is no repository', async () => {
    const folder = monorepo()
    const env = { GIT_CEILING_DIRECTORIES: join(folder, '..') }
    const none = await tutti(['run', '--since', 'main'], { cwd: folder, env })
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('error NOT_A_REPOSITORY')])
    committed(folder)
    for (const ref of ['nope', '--all']) {
      const unknown = await tutti(['run', `--since=${ref}`], { cwd: folder, env })
      expect([unknown.code, unknown.err]).toEqual([
        2,
        expect.stringContaining(`error REF_UNKNOWN git knows no commit ${ref} here`),
      ])
    }
  })
})

describe('impact', () => {
  const folder = monorepo()
  const CASES: readonly (readonly [what: string, steps: readonly string[]])[] = [
    [
      'shared/src/prices.mjs',
      ['shared/files', 'shared/assembled', 'shared/checked', 'api/assembled', 'api/tests', 'web/rendered'],
    ],
    [
      'shared/src/not-yet.mjs',
      ['shared/files', 'shared/assembled', 'shared/checked', 'api/assembled', 'api/tests', 'web/rendered'],
    ],
    ['api/dist', ['api/assembled', 'api/tests', 'web/rendered']],
    ['api', ['api/files', 'api/assembled', 'api/checked', 'api/files~2', 'api/tests', 'web/rendered']],
    ['web/src/render.mjs', ['web/file', 'web/rendered']],
    ['README.md', []],
  ]
  test.concurrent.each(CASES)('%s', async (what, steps) => {
    const { code, out } = await tutti(['impact', what, '--json'], { cwd: folder })
    const { steps: found } = JSON.parse(out) as { readonly steps: readonly { readonly step: string }[] }
    expect([code, found.map(({ step }) => step).toSorted()]).toEqual([0, steps.toSorted()])
  })

  test('is drawn as a tree; an unknown name is refused with one that is near', async () => {
    expect((await tutti(['impact', 'api/dist'], { cwd: folder })).out).toBe(
      'api/dist\n├─ api/tested\n└─ page/rendered\n3 steps\n',
    )
    const unknown = await tutti(['impact', 'api/dust'], { cwd: folder })
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Did you mean api/dist?')])
  })
})

const SMALL = {
  'tutti.ts': `import { effect, env, file, task, workflow } from 'tutti'
const read = task(async (at: any, mode: string) => {
  if (mode === 'bad') throw new Error('no')
  return (await at.text()) + mode
})
const never = task(() => 1, { cache: 'off' })
const leveled = task(() => 1, { env: ['LEVEL'] })
const made = [1].map(n => task(() => n))
const act = effect((text: string) => text.length)
export const w = workflow(() => {
  act(read(file('a.txt'), env('MODE', 'dev')))
  never()
  leveled()
  made[0]?.()
})
`,
  'a.txt': 'one',
}

describe('plan and why', () => {
  const planned = async (cwd: string, words: readonly string[] = [], env = {}) => {
    const { out, code } = await tutti(['plan', ...words, '--json'], { cwd, env })
    const { steps } = JSON.parse(out) as {
      readonly steps: readonly { name: string; plan: string; reasons: readonly string[] }[]
    }
    return { code, lines: steps.map(({ name, plan, reasons }) => `${name} ${plan}: ${reasons.join('; ')}`) }
  }
  const why = async (cwd: string, step: string, run: readonly string[] = []) =>
    JSON.parse((await tutti(['why', step, ...run, '--json'], { cwd })).out) as {
      did: string
      reasons: readonly string[]
    }

  test('say the same before and after', async () => {
    const cwd = folderWith(SMALL)
    const ALWAYS = [
      "never runs: its task has cache: 'off'",
      'made runs: its function uses n of a function around it (tutti.ts:8:22), whose value no other run can know',
    ]
    expect((await planned(cwd)).lines).toEqual([
      'read runs: it has no result yet',
      'act may run: hangs on read',
      ALWAYS[0],
      'leveled runs: it has no result yet',
      ALWAYS[1],
    ])
    expect(existsSync(join(cwd, '.tutti/store.db'))).toBe(false)

    await tutti(['run'], { cwd })
    expect(await why(cwd, 'read')).toMatchObject({ did: 'ran', reasons: ['it had never run before'] })
    expect((await planned(cwd)).lines).toEqual([
      'read fresh: ',
      'act runs: an effect: it acts on the world, once in every run',
      ALWAYS[0],
      'leveled fresh: ',
      ALWAYS[1],
    ])
    await tutti(['run'], { cwd })
    expect(await why(cwd, 'read')).toMatchObject({
      did: 'took',
      reasons: ['nothing that its result hangs on had changed since'],
    })
    expect(await why(cwd, 'act')).toMatchObject({ did: 'ran', reasons: [expect.stringContaining('an effect')] })

    writeFileSync(join(cwd, 'a.txt'), 'two')
    const changed = ['argument 1 (at): a.txt has another content', 'argument 2 (mode): "dev" → "prod"']
    const env = { MODE: 'prod', LEVEL: '3' }
    expect((await planned(cwd, [], env)).lines).toEqual([
      `read runs: ${changed.join('; ')}`,
      'act may run: hangs on read',
      ALWAYS[0],
      'leveled runs: $LEVEL is set now',
      ALWAYS[1],
    ])
    await tutti(['run'], { cwd, env })
    expect(await why(cwd, 'read')).toMatchObject({ did: 'ran', reasons: changed })
    expect(await why(cwd, 'leveled')).toMatchObject({ reasons: ['$LEVEL is set now'] })
  })

  test('tell of code, of failures and of --fresh', async () => {
    const cwd = folderWith(SMALL)
    await tutti(['run'], { cwd })
    const file = join(cwd, 'tutti.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('+ mode', '+ mode + 1'))
    expect((await planned(cwd, ['--only', 'read'])).lines).toEqual(['read runs: code: its function has changed'])
    await tutti(['run', '--id', 'bad'], { cwd, env: { MODE: 'bad' } })
    expect(await why(cwd, 'read')).toMatchObject({ did: 'failed' })
    await tutti(['run', '--id', 'good'], { cwd, env: { MODE: 'bad2' } })
    expect(await why(cwd, 'read')).toMatchObject({
      did: 'ran',
      reasons: ['its last attempt failed (TASK_FAILED, run bad)'],
    })
    await tutti(['run', '--id', 'fresh', '--fresh=read'], { cwd, env: { MODE: 'bad2' } })
    expect(await why(cwd, 'read', ['fresh'])).toMatchObject({ reasons: ['--fresh asked for it'] })
    const { code } = await tutti(['plan', '--only', 'leveled', '--check'], { cwd })
    expect([code, (await tutti(['plan', '--only', 'never', '--check'], { cwd })).code]).toEqual([0, 1])
  })
})
