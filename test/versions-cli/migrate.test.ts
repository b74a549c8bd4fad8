/** A live run goes on as one of another version, from the command line; what keeps it from that is said. */
import { describe, expect, test } from 'vitest'
import { startTutti } from '../cli/rig.ts'
import { type Project, projectWith } from './project.ts'

const head = `import { each, effect, flow, signal, sleep, task, workflow } from 'tutti'
const build = task((n: number): number => n + 1)
const check = task((n: number): number => n * 2)
const publish = effect((n: number): string => \`published \${n}\`)
const notify = task((text: string): string => text + '!')
const approval = signal()
`
const ci = (body: string, more = '') => `${head}${more}
export const ci = workflow((n: number) => {
${body}
})
`
const FIRST = ci(`  const built = build(n)
  const ok = approval.wait()
  return publish(built).after(ok)`)
/** \`check\` comes between, \`notify\` behind. */
const SECOND = ci(`  const built = build(n)
  const ok = approval.wait()
  return notify(publish(check(built)).after(ok))`)

/** Runs of the first version that wait, and the second one beside them. */
async function twoVersions(first: string, second: string, ...runs: readonly string[]): Promise<Project> {
  const project = projectWith(first)
  await project.ok('publish')
  for (const run of runs) expect((await project.run('run', 'ci', '-p', 'n=1', '--id', run, '--no-wait')).code).toBe(6)
  project.write(second)
  await project.ok('publish')
  return project
}

/** The greatest version. */
const to = ['--to', 'latest'] as const

/** What it gives when it has been approved. */
async function ended(project: Project, run: string): Promise<string> {
  await project.run('signal', run, 'approval', '{}')
  return (await project.ok('resume', run, '--quiet')).trim()
}

describe('a run that waits', () => {
  test('M3: ends as a run of the version that it was moved to', async () => {
    const project = await twoVersions(FIRST, SECOND, 'r')
    expect(await project.json('migrate', 'r', ...to)).toEqual([
      { run: 'r', from: '1.0.0', version: '1.1.0', moved: true, can: true, next: ['approval', 'check'] },
    ])
    expect(await project.ok('show', 'r')).toContain('ci@1.1.0')
    expect(await ended(project, 'r')).toBe('published 4!')
  })

  test('M2: goes back while nothing has happened, and not later', async () => {
    const project = await twoVersions(FIRST, SECOND, 'r')
    await project.ok('migrate', 'r', ...to)
    await project.ok('migrate', 'r', '--undo')
    expect(await project.ok('show', 'r')).toContain('ci@1.0.0')
    expect((await project.refusal('resume', 'r', '--no-wait')).exit).toBe(6)
    expect(await ended(project, 'r')).toBe('published 2')

    const other = await twoVersions(FIRST, SECOND, 'r')
    await other.ok('migrate', 'r', ...to)
    await other.run('resume', 'r', '--no-wait')
    expect(await other.refusal('migrate', 'r', '--undo')).toMatchObject({ code: 'MOVE_PASSED', exit: 2 })
  })

  test('says what it would do, and changes nothing', async () => {
    const project = await twoVersions(FIRST, SECOND, 'r')
    expect(await project.json('migrate', 'r', ...to, '--dry-run')).toMatchObject([{ can: true, moved: false }])
    expect(await project.ok('show', 'r')).toContain('ci@1.0.0')
  })

  test('of code that was never published moves as well', async () => {
    const project = projectWith(FIRST)
    await project.run('run', 'ci', '-p', 'n=1', '--id', 'r', '--no-wait')
    project.write(SECOND)
    await project.ok('publish')
    await project.ok('migrate', 'r', '--to', '1.0.0')
    expect(await ended(project, 'r')).toBe('published 4!')
  })

  test('that was driven again keeps what its earlier life knew', async () => {
    const fails = ci(
      `  const built = build(n)
  const ok = approval.wait()
  return publish(broken(built)).after(ok)`,
      `const broken = task((n: number): number => { throw new Error('broken') })`,
    )
    const mended = ci(
      `  const built = build(n)
  const ok = approval.wait()
  const again = signal2.wait()
  return publish(broken(built)).after(ok, again)`,
      `const broken = task((n: number): number => n * 5)
const signal2 = signal()`,
    )
    const project = projectWith(fails)
    await project.ok('publish')
    expect((await project.run('run', 'ci', '-p', 'n=1', '--id', 'r')).code).toBe(1)
    project.write(fails.replace("throw new Error('broken')", 'return n * 5'))
    await project.ok('publish')
    expect((await project.run('redrive', 'r', '--latest', '--no-wait')).code).toBe(6)
    project.write(mended)
    await project.ok('publish')
    await project.ok('migrate', 'r', ...to)
    expect((await project.run('resume', 'r', '--no-wait')).code).toBe(6)
    await project.run('signal', 'r', 'signal2', '{}')
    expect(await ended(project, 'r')).toBe('published 10')
  })
})

describe('a run that somebody drives', () => {
  test('is moved under its process, which goes on with the new version', async () => {
    const project = projectWith(FIRST)
    await project.ok('publish')
    const live = startTutti(['run', 'ci', '-p', 'n=1', '--id', 'r'], { cwd: project.folder })
    await live.says('awaits')
    project.write(SECOND)
    await project.ok('publish')
    await project.ok('migrate', 'r', ...to)
    await live.says('moved to 1.1.0')
    await project.ok('signal', 'r', 'approval', '{}')
    const end = await live.ended
    expect(end.code).toBe(0)
    expect(end.out.trim()).toBe('published 4!')
  })

  test('with a flow that waits: its body runs again from its top', async () => {
    const flows = (result: string) => `${head}
const deploy = flow(async (n: number) => {
  const built = await build(n)
  await approval.wait()
  return built
})
export const ci = workflow((n: number) => ${result})
`
    const project = projectWith(flows('deploy(n)'))
    await project.ok('publish')
    const live = startTutti(['run', 'ci', '-p', 'n=1', '--id', 'r'], { cwd: project.folder })
    await live.says('awaits')
    project.write(flows('publish(deploy(n))'))
    await project.ok('publish')
    await project.ok('migrate', 'r', ...to)
    await live.says('moved to 1.1.0')
    await project.ok('signal', 'r', 'approval', '{}')
    expect((await live.ended).out.trim()).toBe('published 2')
  })

  test('M1: is as it was when it cannot be moved, and goes on', async () => {
    const project = projectWith(FIRST)
    await project.ok('publish')
    const live = startTutti(['run', 'ci', '-p', 'n=1', '--id', 'r'], { cwd: project.folder })
    await live.says('awaits')
    project.write(ci('  return publish(check(n))'))
    await project.ok('publish')
    expect(await project.refusal('migrate', 'r', ...to)).toMatchObject({ code: 'MOVE_IMPOSSIBLE', exit: 3 })
    await project.ok('signal', 'r', 'approval', '{}')
    expect((await live.ended).out.trim()).toBe('published 2')
  })

  test('lets an attempt end first, or says that it takes too long', async () => {
    const slow = ci(
      `  const slept = slow(n)
  const ok = approval.wait()
  return publish(slept).after(ok)`,
      `import { existsSync } from 'node:fs'
const slow = task(async (n: number): Promise<number> => {
  while (!existsSync('go')) await new Promise(look => setTimeout(look, 20))
  return n
})`,
    )
    const project = projectWith(slow)
    await project.ok('publish')
    const live = startTutti(['run', 'ci', '-p', 'n=1', '--id', 'r'], { cwd: project.folder })
    await live.says('start')
    project.write(slow.replace('return publish(slept).after(ok)', 'return notify(publish(slept).after(ok))'))
    await project.ok('publish')
    const early = await project.refusal('migrate', 'r', ...to, '--timeout', '100ms')
    expect(early).toMatchObject({ code: 'RUN_OWNED', exit: 2 })
    expect(await project.ok('show', 'r')).toContain('ci@1.0.0')
    const move = project.ok('migrate', 'r', ...to)
    project.write('', 'go')
    await move
    await live.says('moved to 1.1.0')
    await project.ok('signal', 'r', 'approval', '{}')
    expect((await live.ended).out.trim()).toBe('published 1!')
  })
})

describe('what is in the way', () => {
  const CASES: readonly (readonly [what: string, first: string, second: string, message: RegExp])[] = [
    [
      'a step that has been done and is gone',
      FIRST,
      ci('  const ok = approval.wait()\n  return publish(n).after(ok)'),
      /build has been done, and 2\.0\.0 has no step build/,
    ],
    [
      'a step that now waits for another one',
      FIRST,
      ci(`  const built = build(check(n))
  const ok = approval.wait()
  return publish(built).after(ok)`),
      /build has been done, but in [\d.]+ it waits for check, which has not run/,
    ],
    [
      'a result that is used and of another type',
      FIRST,
      FIRST.replace(
        'task((n: number): number => n + 1)',
        'task((n: number): { readonly of: number } => ({ of: n }))',
      ).replace('effect((n: number)', 'effect((n: { readonly of: number })'),
      /what build gave is not of the type that it has in [\d.]+ \(changed\)/,
    ],
    [
      'a parameter that the run was not given',
      FIRST,
      FIRST.replace('workflow((n: number) =>', 'workflow((n: number, m: number) =>').replace('build(n)', 'build(m)'),
      /needs the parameter m/,
    ],
  ]
  for (const [what, first, second, message] of CASES)
    test(what, async () => {
      const project = await twoVersions(first, second, 'r')
      const { code, err } = await project.refusal('migrate', 'r', ...to)
      expect(err).toMatch(message)
      expect(code).toBe('MOVE_IMPOSSIBLE')
      expect(await project.ok('show', 'r')).toContain('ci@1.0.0')
    })

  test('a run of only some steps', async () => {
    const project = projectWith(FIRST)
    await project.ok('publish')
    await project.run('run', 'ci', '-p', 'n=1', '--id', 'r', '--no-wait', '--only', 'approval')
    project.write(SECOND)
    await project.ok('publish')
    expect((await project.refusal('migrate', 'r', ...to)).err).toContain('it does only some of the steps')
  })

  test('a flow in the middle of a body that has changed', async () => {
    const flows = (factor: number) => `${head}
const deploy = flow(async (n: number) => {
  const built = await build(n)
  await approval.wait()
  return built * ${factor}
})
export const ci = workflow((n: number) => deploy(n))
`
    const project = await twoVersions(flows(2), flows(3), 'r')
    expect((await project.refusal('migrate', 'r', ...to)).err).toContain('the flow deploy is in the middle of its body')
  })
})

describe('a step with another id', () => {
  const renamed = FIRST.replaceAll('build', 'compile')

  test('is named by --rename, and keeps its id in the run', async () => {
    const project = await twoVersions(FIRST, renamed, 'r')
    const { code, err } = await project.refusal('migrate', 'r', ...to)
    expect(code).toBe('MOVE_IMPOSSIBLE')
    expect(err).toContain('--rename build=compile')
    await project.ok('migrate', 'r', ...to, '--rename', 'build=compile')
    expect(await ended(project, 'r')).toBe('published 2')
    expect((await project.json('show', 'r')).filter(({ step }) => step === 'compile')).toEqual([])
  })

  test('is known when its publisher said so', async () => {
    const project = projectWith(FIRST)
    await project.ok('publish')
    await project.run('run', 'ci', '-p', 'n=1', '--id', 'r', '--no-wait')
    project.write(renamed)
    await project.ok('publish', '--rename', 'build=compile')
    await project.ok('migrate', 'r', ...to)
    expect(await ended(project, 'r')).toBe('published 2')
  })

  test('is not guessed: where it seems to have another id, somebody must say so', async () => {
    const body = (more: string) =>
      ci(`${more}  const built = build(n)
  const ok = approval.wait()
  return publish(built).after(ok)`)
    const project = await twoVersions(body(''), body('  const before = build(7)\n'), 'r')
    const { code, err } = await project.refusal('migrate', 'r', ...to)
    expect(code).toBe('MOVE_IMPOSSIBLE')
    expect(err).toContain('--rename build=build~2')
    await project.ok('migrate', 'r', ...to, '--rename', 'build=build~2')
    expect(await ended(project, 'r')).toBe('published 2')
  })

  test('must be a step, of the run and of the version, and each another one', async () => {
    const project = await twoVersions(FIRST, renamed, 'r')
    for (const [rename, code] of [
      ['ghost=compile', 'RENAME_UNKNOWN'],
      ['build=ghost', 'RENAME_UNKNOWN'],
    ] as const)
      expect(await project.refusal('migrate', 'r', ...to, '--rename', rename)).toMatchObject({ code })
    const twice = ['--rename', 'build=compile', '--rename', 'build=publish'] as const
    expect((await project.refusal('migrate', 'r', ...to, ...twice)).code).not.toBe('none')
  })
})

test('in bulk: so many can, and why the others cannot', async () => {
  const project = await twoVersions(FIRST, SECOND, 'a', 'b', 'c')
  await project.run('signal', 'c', 'approval', '{}')
  await project.run('cancel', 'b', '--step', 'approval')
  const third = ci(`  const ok = approval.wait()
  return publish(check(n)).after(ok)`)
  project.write(third)
  await project.ok('publish')
  const dry = await project.run('migrate', 'ci', '--all', '--to', '2.0.0', '--dry-run')
  expect(dry.code).toBe(1)
  expect(dry.err).toMatch(/0 of \d runs can move to ci@2\.0\.0; \d cannot, because\n {2}\d: build has been done/)
  const { code, err } = await project.run('migrate', '--from', '^1.0', '--to', '1.1.0')
  expect(err).toMatch(/\d of \d runs moved to ci@1\.1\.0/)
  expect(code).toBe(0)
  expect(await project.ok('show', 'a')).toContain('ci@1.1.0')
})

test('what cannot be moved at all is refused', async () => {
  const project = await twoVersions(FIRST, SECOND, 'r')
  const refusals: readonly (readonly [words: readonly string[], code: string])[] = [
    [['r', '--to', '9.9.9'], 'VERSION_UNKNOWN'],
    [['r', '--to', 'deploy@1.0.0'], 'VERSION_OTHER'],
    [['ghost', '--to', '1.1.0'], 'RUN_UNKNOWN'],
    [['r'], 'USAGE'],
    [['r', '--to', '1.1.0', '--rename', 'x'], 'USAGE'],
    [['r', '--undo'], 'MOVE_PASSED'],
  ]
  for (const [words, code] of refusals) expect(await project.refusal('migrate', ...words)).toMatchObject({ code })
  expect(await project.json('migrate', 'r', '--to', '1.0.0')).toMatchObject([{ moved: false, can: true }])
  await ended(project, 'r')
  expect(await project.refusal('migrate', 'r', ...to)).toMatchObject({ code: 'RUN_ENDED' })
})
