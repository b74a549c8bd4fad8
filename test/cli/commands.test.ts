/** What the command line promises, each as a user would see it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, startTutti, tutti } from './rig.ts'

const IMPORTS =
  "import { ctx, each, effect, env, files, flow, output, type Output, secret, type Secret, sh, task, when, workflow } from 'tutti'\nimport { appendFileSync, existsSync } from 'node:fs'\n"
/** Steps that note in `ran` that they ran; one of them fails until there is a file `mended`. */
const noted = `${IMPORTS}const note = (name: string) => appendFileSync('ran', name + '\\n')
const a = task(() => { note('a'); return 1 })
const b = task((n: number) => { note('b'); return n + 1 })
const c = task((n: number) => { note('c'); if (!existsSync('mended')) throw new Error('not mended'); return n + 1 })
const d = task((n: number) => { note('d'); return n + 1 })
const inner = workflow((n: number) => ({ left: b(n), right: d(n) }))
export const main = workflow(() => { const first = a(); const { left, right } = inner(first); return { end: c(left), right } })
`.replace('(n: number) => ({ left', "(n: import('tutti').Ref<number>) => ({ left")
const ran = (cwd: string): string[] => readFileSync(join(cwd, 'ran'), 'utf8').trim().split('\n').toSorted()
const lastLine = (text: string): Readonly<Record<string, unknown>> => jsonLines(text).at(-1) ?? {}

describe('run', () => {
  const files = {
    'tutti.ts': `${IMPORTS}import { boolean, number, object, optional, pipe, description, picklist, string } from 'valibot'
import * as z from 'zod'
const parameters = {
  count: optional(number(), 3),
  loud: optional(boolean(), false),
  name: optional(string(), 'x'),
  level: optional(pipe(picklist(['low', 'high']), description('how much')), 'low'),
  place: optional(object({ city: string() })),
}
export const first = workflow(parameters, given => given)
export const third = workflow({ size: z.int().describe('in metres') }, given => given)
export const second = workflow(() => 'plain text')
export default second
`,
    'one.ts': `${IMPORTS}export const only = workflow((n: unknown) => n)\n`,
    plain: '',
  }

  test.concurrent.each([
    { words: ['run'], out: 'plain text' },
    { words: ['run', 'second'], out: 'plain text' },
    { words: ['run', 'tutti.ts'], out: 'plain text' },
    { words: ['run', './tutti.ts', 'second'], out: 'plain text' },
    { words: ['run', 'first'], out: { count: 3, loud: false, name: 'x', level: 'low' } },
    {
      words: ['run', 'first', '-p', 'count=12', '-p', 'loud=true', '-p', 'name=12', '--param', 'level=high'],
      out: { count: 12, loud: true, name: '12', level: 'high' },
    },
    {
      words: ['run', 'first', '-p', 'place={"city":"Ulm"}', '-p', 'name=a=b'],
      out: { count: 3, loud: false, name: 'a=b', level: 'low', place: { city: 'Ulm' } },
    },
    {
      words: ['run', 'first', '--input', '{"count":1,"name":"n"}', '-p', 'count=2'],
      out: { count: 2, loud: false, name: 'n', level: 'low' },
    },
    { words: ['run', 'first', '--input', '@in.json'], out: { count: 7, loud: false, name: 'x', level: 'low' } },
    {
      words: ['run', 'first', '--input', '@-'],
      input: '{"count":8}',
      out: { count: 8, loud: false, name: 'x', level: 'low' },
    },
    { words: ['run', 'one.ts', '--input', '[1,{"a":2}]'], out: [1, { a: 2 }] },
    { words: ['run', 'one.ts', '-p', 'n=text'], out: 'text' },
    { words: ['run', 'one.ts', '-p', 'n={"a":1}'], out: { a: 1 } },
  ])('$words', async ({ words, input, out }) => {
    const cwd = folderWith({ ...files, 'in.json': '{"count":7}' })
    const ended = await tutti(words, { cwd, ...(input === undefined ? {} : { input }) })
    expect(ended.code, ended.err).toBe(0)
    expect(ended.out).toBe(typeof out === 'string' ? `${out}\n` : `${JSON.stringify(out, undefined, 2)}\n`)
  })

  test.concurrent('--help of a workflow lists its parameters with types and defaults', async () => {
    const cwd = folderWith(files)
    const first = await tutti(['run', 'tutti.ts', 'first', '--help'], { cwd })
    const third = await tutti(['run', 'third', '--help'], { cwd })
    expect([first.code, third.code]).toEqual([0, 0])
    const out = first.out + third.out
    expect(out).toMatch(/-p count +number +\(default 3\)/)
    expect(out).toMatch(/-p loud +boolean +\(default false\)/)
    expect(out).toMatch(/-p level +"low" \| "high" +\(default "low"\)/)
    expect(out).toMatch(/-p size +integer +in metres +\(required\)/)
    expect((await tutti(['run', '--help'], { cwd })).out).toContain('--detach')
  })

  test.concurrent('the same id and input give that run; a failed one, too', async () => {
    const cwd = folderWith({ 'tutti.ts': noted })
    const first = await tutti(['run', '--id', 'a', '--json'], { cwd })
    expect(first.code).toBe(1)
    const again = await tutti(['run', '--id', 'a', '--json'], { cwd })
    expect(again.code).toBe(1)
    expect(lastLine(again.out)).toEqual(lastLine(first.out))
    expect(ran(cwd)).toEqual(['a', 'b', 'c', 'd'])
  })

  test.concurrent('--json ends with one line of a fixed form', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}const bad = task(() => { throw new TypeError('no') })\nexport const good = workflow(() => ({ a: 1 }))\nexport const ill = workflow(() => bad())\n`,
    })
    const good = await tutti(['run', 'good', '--id', 'g', '--json'], { cwd })
    expect(good.out.trimEnd().split('\n').at(-1)).toBe(
      '{"kind":"run.ended","run":"g","status":"succeeded","output":{"a":1}}',
    )
    const bad = await tutti(['run', 'ill', '--id', 'b', '--json'], { cwd })
    expect(lastLine(bad.out)).toMatchObject({
      kind: 'run.ended',
      run: 'b',
      status: 'failed',
      error: { code: 'TASK_FAILED', message: 'no', step: 'bad' },
    })
    expect(jsonLines(bad.out).map(line => line['kind'])).toEqual([
      'run.started',
      'attempt.started',
      'step.settled',
      'run.ended',
    ])
  })

  test.concurrent.each([
    { only: 'a', runs: ['a'] },
    { only: 'inner', runs: ['a', 'b', 'd'] },
    { only: 'inner/b', runs: ['a', 'b'] },
    { only: 'c', runs: ['a', 'b', 'c', 'd'] },
  ])('--only $only runs that step and what it needs', async ({ only, runs }) => {
    const cwd = folderWith({ 'tutti.ts': noted, mended: '' })
    const ended = await tutti(['run', '--only', only], { cwd })
    expect(ended.code, ended.err).toBe(0)
    expect(ran(cwd)).toEqual(runs)
  })

  test.concurrent('a relative path in a task opens from the folder of its file, in every executor', async () => {
    const body = (executor: string) =>
      `const ${executor} = task(() => readFileSync('here.txt', 'utf8'), { executor: '${executor}' })\n`
    const cwd = folderWith({
      'sub/here.txt': 'found',
      'sub/tutti.ts': `import { readFileSync } from 'node:fs'\n${IMPORTS}${['inline', 'thread', 'process'].map(body).join('')}export const main = workflow(() => [inline(), thread(), process(), sh1()])\nconst sh1 = task(async () => (await sh\`cat here.txt\`).stdout)\n`,
    })
    const ended = await tutti(['run', 'sub/tutti.ts'], { cwd })
    expect(ended.code, ended.err).toBe(0)
    expect(JSON.parse(ended.out)).toEqual(['found', 'found', 'found', 'found'])
  })

  test.concurrent('the store is where --store, TUTTI_STORE or the file says', async () => {
    const cwd = folderWith({ 'sub/tutti.ts': `${IMPORTS}export const main = workflow(() => 1)\n` })
    await tutti(['run', 'sub/tutti.ts', '--id', 'beside'], { cwd })
    await tutti(['run', 'sub/tutti.ts', '--id', 'env'], { cwd, env: { TUTTI_STORE: 'stores/env' } })
    await tutti(['run', 'sub/tutti.ts', '--id', 'flag', '--store', 'stores/flag', '--durability', 'normal'], {
      cwd,
      env: { TUTTI_STORE: 'stores/env' },
    })
    for (const [run, folder] of [
      ['beside', 'sub/.tutti'],
      ['env', 'stores/env'],
      ['flag', 'stores/flag'],
    ] as const) {
      expect(jsonLines((await tutti(['runs', '--json', '--store', folder], { cwd })).out)).toMatchObject([{ run }])
    }
  })

  test.concurrent('data is on stdout, all for people on stderr', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}const job = task(() => { console.log('printed'); console.error('complained'); return 5 })\nexport const main = workflow(() => job())\n`,
    })
    const plain = await tutti(['run'], { cwd })
    expect(plain.out).toBe('5\n')
    expect(plain.err).not.toContain('printed')
    expect(plain.err).not.toContain('\u001b')
    const quiet = await tutti(['run', '--quiet'], { cwd })
    expect(quiet).toMatchObject({ code: 0, out: '5\n', err: '' })
    const verbose = await tutti(['run', '--verbose', '--fresh'], { cwd })
    expect(verbose.err).toMatch(/job +\| printed\n/)
    expect(verbose.err).toMatch(/job +\| complained\n/)
  })
})

describe('a run afterwards', () => {
  test.concurrent('redrive keeps what succeeded', async () => {
    const cwd = folderWith({ 'tutti.ts': noted })
    expect((await tutti(['run', '--id', 'a'], { cwd })).code).toBe(1)
    writeFileSync(join(cwd, 'mended'), '')
    const redriven = await tutti(['redrive', 'a', '--json'], { cwd })
    expect(redriven.code, redriven.err).toBe(0)
    expect(lastLine(redriven.out)).toMatchObject({ output: { end: 3, right: 2 } })
    expect(ran(cwd)).toEqual(['a', 'b', 'c', 'c', 'd'])
    expect((await tutti(['redrive', 'a', '--from', 'inner/b'], { cwd })).code).toBe(0)
    expect(ran(cwd)).toEqual(['a', 'b', 'b', 'c', 'c', 'c', 'd'])
    expect((await tutti(['redrive', 'a', '--from', 'a', '--quiet'], { cwd })).out).toBe(
      `${JSON.stringify({ end: 3, right: 2 }, undefined, 2)}\n`,
    )
    expect(ran(cwd).length).toBe(11)
  })

  const gated = (answer: string) => `${IMPORTS}import { setTimeout as pause } from 'node:timers/promises'
const first = task(() => 1)
const gate = task(async (n: number) => { while (!existsSync('go')) await pause(10); return '${answer}' + n })
export const main = workflow(() => gate(first()))
`
  async function interrupted(cwd: string): Promise<void> {
    const live = startTutti(['run', '--json', '--id', 'a'], { cwd })
    await live.says('"step":"gate"')
    live.child.kill('SIGINT')
    expect((await live.ended).code).toBe(130)
    writeFileSync(join(cwd, 'go'), '')
  }

  test.concurrent.each([
    { what: 'gone', change: (file: string) => rmSync(file) },
    { what: 'changed', change: (file: string) => writeFileSync(file, gated('changed')) },
    { what: 'broken', change: (file: string) => writeFileSync(file, 'const a: = 1') },
  ])('resume goes on with the code that the run began with when the file is $what', async ({ change }) => {
    const cwd = folderWith({ 'tutti.ts': gated('kept') })
    await interrupted(cwd)
    change(join(cwd, 'tutti.ts'))
    const resumed = await tutti(['resume'], { cwd })
    expect(resumed).toMatchObject({ code: 0, out: 'kept1\n' })
    // Only what is new is told.
    expect(resumed.err).not.toContain('first')
  })

  test.concurrent("resume --latest takes today's code, and says what differs when the steps do", async () => {
    const cwd = folderWith({ 'tutti.ts': gated('kept') })
    await interrupted(cwd)
    writeFileSync(
      join(cwd, 'tutti.ts'),
      gated('today')
        .replace('gate(first())', '[gate(first()), other()]')
        .replace('export', 'const other = task(() => 1)\nexport'),
    )
    const refused = await tutti(['resume', 'a', '--latest'], { cwd })
    expect(refused.code).toBe(3)
    expect(refused.err).toMatch(/error GRAPH_CHANGED .*other/)
    writeFileSync(join(cwd, 'tutti.ts'), gated('today'))
    const resumed = await tutti(['resume', 'a', '--latest'], { cwd })
    expect(resumed).toMatchObject({ code: 0, out: 'today1\n' })
    expect(resumed.err).toContain("going on with today's code: tutti.ts changed")
  })

  test.concurrent('a folder stands for its tutti.ts; beside a tutti.ts it may have the name of a workflow', async () => {
    const file = (text: string) =>
      `import { task, workflow } from 'tutti'\nconst say = task(() => '${text}')\nexport const build = workflow(() => say())\nexport const other = workflow(() => say())\n`
    const cwd = folderWith({ 'tutti.ts': file('here') })
    for (const name of ['build', 'sub', 'empty']) mkdirSync(join(cwd, name))
    writeFileSync(join(cwd, 'sub', 'tutti.ts'), file('inside'))
    expect(await tutti(['run', 'sub', 'build'], { cwd })).toMatchObject({ code: 0, out: 'inside\n' })
    expect(await tutti(['run', 'build'], { cwd })).toMatchObject({ code: 0, out: 'here\n' })
    const refused = await tutti(['run', 'empty'], { cwd })
    expect(refused.code).toBe(3)
    expect(refused.err).toContain('error NOT_A_FILE')
  })

  test.concurrent('a glob that matches nothing is told, and a failed step keeps the hint of what it threw', async () => {
    const cwd = folderWith({
      'tutti.ts': `import { files, sh, task, workflow, type Files } from 'tutti'
const count = task((found: Files) => found.paths.length)
const piped = task((n: number) => sh\`echo \${n} | cat\`)
export const w = workflow(() => piped(count(files('nothing/**/*.x'))))
`,
    })
    const ran = await tutti(['run'], { cwd })
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('warning: SOURCE_EMPTY')
    expect(ran.err).toMatch(/error SH_SHELL_SYNTAX .*\n[\s\S]*hint: .*sh\.shell[\s\S]*tutti redrive/)
  })

  test.concurrent('--detach runs in the background; logs -f follows it, cancel stops it', async () => {
    const cwd = folderWith({
      'tutti.ts': gated('x').replace("while (!existsSync('go'))", "console.log('line one'); while (!existsSync('go'))"),
    })
    const detached = await tutti(['run', '--detach', '--id', 'a'], { cwd })
    expect(detached, detached.err).toMatchObject({ code: 0, out: 'a\n' })
    const logs = startTutti(['logs', 'a', '-f'], { cwd })
    await logs.says('line one')
    writeFileSync(join(cwd, 'go'), '')
    expect((await logs.ended).code).toBe(0)
    expect(jsonLines((await tutti(['runs', '--json'], { cwd })).out)).toMatchObject([{ run: 'a', status: 'succeeded' }])
    expect(await tutti(['resume', 'a'], { cwd })).toMatchObject({ code: 0, out: 'x1\n' })

    rmSync(join(cwd, 'go'))
    await tutti(['run', '--detach', '--fresh', '--id', 'b'], { cwd })
    expect((await tutti(['cancel', 'b', '--reason', 'enough'], { cwd })).code).toBe(0)
    const shown = await tutti(['show', 'b'], { cwd })
    expect(shown.out).toContain('cancelled')
    expect(shown.out).toContain('enough')
  })

  test.concurrent('runs, show and logs tell of it', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}const talk = task((word: string) => { console.log('said ' + word); ctx().record('length', word.length); return word })\nexport const main = workflow(() => each(['ay', 'bee'], word => talk(word), { key: word => word }))\n`,
    })
    expect((await tutti(['run', '--id', 'a'], { cwd })).code).toBe(0)
    expect((await tutti(['runs'], { cwd })).out).toMatch(/a +.*main +.*succeeded/)
    const shown = (await tutti(['show', 'a'], { cwd })).out
    expect(shown).toMatch(/run a of main +succeeded/)
    expect(shown).toContain('length')
    expect((await tutti(['logs', 'a'], { cwd })).out).toMatch(/said ay\n[\s\S]*said bee\n|said bee\n[\s\S]*said ay\n/)
    const [step] = jsonLines((await tutti(['show', 'a', '--json'], { cwd })).out).flatMap(event =>
      event['kind'] === 'step.settled' && String(event['step']).includes('bee') ? [String(event['step'])] : [],
    )
    expect(step).toBeDefined()
    const of = await tutti(['logs', 'a', step ?? '', '--json'], { cwd })
    expect(jsonLines(of.out)).toMatchObject([{ step, text: 'said bee', stream: 'stdout' }])
  })

  test.concurrent('gc forgets old runs; export and import carry a run to another store', async () => {
    const cwd = folderWith({
      'tutti.ts':
        `${IMPORTS}const job = task((n: number) => ({ n, text: 'x'.repeat(n * 30_000), when: new Date(n) }))\nexport const main = workflow((n: number) => job(n))\n`.replace(
          '(n: number) => job',
          "(n: import('tutti').Ref<number>) => job",
        ),
    })
    for (const n of [1, 2, 3]) expect((await tutti(['run', '--id', `r${n}`, '-p', `n=${n}`], { cwd })).code).toBe(0)
    const outputs = async (store: string): Promise<string> =>
      (await tutti(['resume', 'r2', '--store', store, '--json'], { cwd })).out
    expect((await tutti(['export', '-o', 'all.ndjson'], { cwd })).code).toBe(0)
    expect((await tutti(['import', 'all.ndjson', '--store', 'other'], { cwd })).out).toBe('r1\nr2\nr3\n')
    expect(await outputs('other')).toBe(await outputs('.tutti'))
    const piped = await tutti(['export', 'r2'], { cwd })
    expect((await tutti(['import', '--store', 'third'], { cwd, input: piped.out })).out).toBe('r2\n')
    expect(await outputs('third')).toBe(await outputs('.tutti'))
    expect((await tutti(['import', 'all.ndjson', '--store', 'other'], { cwd })).err).toContain('RUN_EXISTS')
    const freed = await tutti(['gc', '--keep-runs', '1', '--keep-for', '0s'], { cwd })
    expect(freed.out).toMatch(/freed 2 runs/)
    expect(jsonLines((await tutti(['runs', '--json'], { cwd })).out)).toMatchObject([{ run: 'r3' }])
    for (const store of ['.tutti', 'other', 'third'])
      expect((await tutti(['doctor', '--store', store], { cwd })).code).toBe(0)
  })
})

describe('reports', () => {
  const failing = `${IMPORTS}const ok = task(() => 1)\nconst bad = task((n: number) => {\n  console.log('before the end')\n  throw new Error('broke <&>')\n})\nexport const main = workflow(() => bad(ok()))\n`

  test.concurrent('graph as JSON, DOT and SVG', async () => {
    const cwd = folderWith({ 'tutti.ts': failing })
    expect(JSON.parse((await tutti(['graph', '--json'], { cwd })).out)).toMatchObject({
      name: 'main',
      root: { nodes: [{ id: 'ok' }, { id: 'bad' }] },
    })
    expect((await tutti(['graph', '--dot'], { cwd })).out).toMatch(/^digraph/)
    expect((await tutti(['graph', '--svg'], { cwd })).out).toMatch(/^<svg[\s\S]*<\/svg>\s*$/)
  })

  test.concurrent('--junit has a case for each step', async () => {
    const cwd = folderWith({ 'tutti.ts': failing })
    expect((await tutti(['run', '--junit', 'report.xml'], { cwd })).code).toBe(1)
    const xml = readFileSync(join(cwd, 'report.xml'), 'utf8')
    expect(xml).toMatch(/<testcase [^>]*name="ok"/)
    expect(xml).toMatch(/<failure [^>]*broke &lt;&amp;&gt;/)
    expect(xml).toContain('before the end')
  })

  test.concurrent('GitHub and GitLab get what they can fold and mark, from where the user stands', async () => {
    const cwd = folderWith({ 'sub/tutti.ts': failing })
    const github = await tutti(['run', 'sub/tutti.ts'], { cwd, env: { GITHUB_ACTIONS: 'true' } })
    expect(github.err).toMatch(/^::group::output of bad\n.*before the end\n::endgroup::$/m)
    expect(github.err).toMatch(/^::error file=sub\/tutti\.ts,line=\d+,col=\d+,title=bad::.*broke/m)
    const gitlab = await tutti(['run', 'sub/tutti.ts'], { cwd, env: { GITLAB_CI: 'true' } })
    expect(gitlab.err).toMatch(/section_start:\d+:tutti_output_of_bad/)
  })

  test.concurrent('colours only where they are wanted', async () => {
    const cwd = folderWith({ 'tutti.ts': failing })
    expect((await tutti(['run'], { cwd, env: { FORCE_COLOR: '1' } })).err).toContain('\u001b[3')
    expect((await tutti(['run'], { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).err).not.toContain('\u001b[3')
  })
})

test.concurrent('init makes a folder whose workflow runs, and never overwrites', async () => {
  const cwd = folderWith()
  const made = await tutti(['init', 'mine'], { cwd })
  expect(made.code, made.err).toBe(0)
  const first = await tutti(['run'], { cwd: join(cwd, 'mine') })
  expect(first.code, first.err).toBe(0)
  const again = await tutti(['init', 'mine'], { cwd })
  expect(again.code).toBe(2)
  expect(again.err).toContain('error INIT_EXISTS')
})
