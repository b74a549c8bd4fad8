/** Steps that find their inputs themselves, through the command line: what makes them run again, and what does not. */
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, startTutti, tutti } from '../cli/rig.ts'
import { hasProgram, noSight } from './suite.ts'

const IMPORTS =
  "import { each, file, files, output, sh, task, workflow, type FileHandle, type Files, type Output } from 'tutti'\n"

interface Ran {
  /** Steps that ran, without sources. */
  readonly steps: readonly string[]
  readonly output: unknown
  readonly err: string
}

async function run(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const { code, out, err } = await tutti(['run', '--json'], { cwd, env })
  expect(code, err + out).toBe(0)
  const events = jsonLines(out)
  const steps = events.filter(({ kind }) => kind === 'attempt.started').map(({ step }) => String(step))
  return { steps: steps.filter(step => !/^files?(~\d+)?$/.test(step)), output: events.at(-1)?.['output'], err }
}

const inFolder = (cwd: string) => ({
  write: (path: string, text: string) => {
    mkdirSync(join(cwd, path, '..'), { recursive: true })
    writeFileSync(join(cwd, path), text)
  },
  read: (path: string) => readFileSync(join(cwd, path), 'utf8'),
  touch: (path: string) => utimesSync(join(cwd, path), new Date(1e12), new Date(1e12)),
  remove: (path: string) => rmSync(join(cwd, path), { recursive: true }),
  move: (from: string, to: string) => renameSync(join(cwd, from), join(cwd, to)),
})

describe.skipIf(noSight)(`inputs: 'inferred'${noSight ? ` (skipped: ${noSight})` : ''}`, () => {
  test.skipIf(!hasProgram('gcc'))("a compiler's headers are found without being listed", async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}
const compile = task(async (src: FileHandle, object: Output) => {
  await sh\`gcc -Ifirst -Isecond -c \${src} -o \${object}\`
  return object
}, { inputs: 'inferred' })
const link = task(async (a: Output, b: Output, app: Output) => {
  await sh\`gcc \${a} \${b} -o \${app}\`
  return (await sh\`\${app}\`.nothrow()).code
})
export const main = workflow(() => {
  const a = compile(file('src/a.c'), output('build/a.o'))
  const b = compile(file('src/b.c'), output('build/b.o'))
  return link(a, b, output('build/app'))
})`,
      'src/a.c': '#include "a.h"\n#include <v.h>\nint b(void);\nint main(void) { return A + V + b(); }\n',
      'src/a.h': '#define A 1\n',
      'src/b.c': 'int b(void) { return 0; }\n',
      'first/readme': '',
      'second/v.h': '#define V 10\n',
    })
    const disk = inFolder(cwd)
    expect(await run(cwd)).toMatchObject({ steps: ['compile', 'compile~2', 'link'], output: 11 })
    expect(await run(cwd)).toMatchObject({ steps: [], output: 11 })

    disk.touch('second/v.h')
    expect(await run(cwd)).toMatchObject({ steps: [] })
    disk.write('second/v.h', '#define V 20\n')
    expect(await run(cwd)).toMatchObject({ steps: ['compile', 'link'], output: 21 })
    disk.write('src/a.h', '/* the same value */\n#define A 1\n')
    expect(await run(cwd)).toMatchObject({ steps: ['compile'], output: 21 })
    // It was looked for here, in vain: now it hides the other one.
    disk.write('first/v.h', '#define V 30\n')
    expect(await run(cwd)).toMatchObject({ steps: ['compile', 'link'], output: 31 })
    // As it was before: the result of then is taken.
    disk.remove('first/v.h')
    expect(await run(cwd)).toMatchObject({ steps: [], output: 21 })
    disk.write('src/unrelated.h', '')
    expect(await run(cwd)).toMatchObject({ steps: [] })
  })

  test.concurrent('what the function itself reads counts, and what it makes does not', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
const report = task(async (name: string) => {
  const config = JSON.parse(readFileSync('config.json', 'utf8'))
  const extra = existsSync('extra.txt') ? readFileSync('extra.txt', 'utf8') : 'none'
  writeFileSync('scratch.txt', 'x')
  return [name, config.v, extra, readdirSync('parts'), readFileSync('scratch.txt', 'utf8')].join()
}, { inputs: 'inferred' })
export const main = workflow(() => report('r'))`,
      'config.json': '{ "v": 1 }',
      'parts/a': '',
    })
    const disk = inFolder(cwd)
    expect(await run(cwd)).toMatchObject({ steps: ['report'], output: 'r,1,none,a,x' })
    expect(await run(cwd)).toMatchObject({ steps: [] })
    disk.write('config.json', '{ "v": 2 }')
    expect(await run(cwd)).toMatchObject({ steps: ['report'], output: 'r,2,none,a,x' })
    disk.write('extra.txt', 'more')
    expect(await run(cwd)).toMatchObject({ steps: ['report'], output: 'r,2,more,a,x' })
    disk.write('parts/b', '')
    expect(await run(cwd)).toMatchObject({ steps: ['report'], output: 'r,2,more,a,b,x' })
    disk.write('parts/a', 'the names are what was read')
    disk.write('scratch.txt', 'changed by somebody')
    expect(await run(cwd)).toMatchObject({ steps: [] })
  })

  test.concurrent('many attempts of one worker are told apart', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}
const cat = task(async (name: string) => (await sh\`cat \${name}.txt\`).stdout, { inputs: 'inferred' })
export const main = workflow(() => [${names.map(name => `cat('${name}')`).join(', ')}])`,
      ...Object.fromEntries(names.map(name => [`${name}.txt`, name])),
    })
    const disk = inFolder(cwd)
    expect(await run(cwd)).toMatchObject({ steps: { length: 6 }, output: names })
    disk.write('d.txt', 'D')
    expect(await run(cwd)).toMatchObject({ steps: ['cat~4'], output: ['a', 'b', 'c', 'D', 'e', 'f'] })
  })
})

test.skipIf(noSight)('tutti up watches what is inferred', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}
const cat = task(async (name: string) => (await sh\`cat \${name}.txt\`).stdout, { inputs: 'inferred' })
export const main = workflow(() => [cat('a'), cat('b')])`,
    'a.txt': '',
    'b.txt': '',
  })
  const live = startTutti(['up'], { cwd })
  await live.says('2 steps ran')
  inFolder(cwd).write('b.txt', 'more')
  await live.says('changed   b.txt')
  await live.says('1 step ran')
  live.child.kill('SIGINT')
  expect(live.err + live.out).not.toContain('INPUTS_UNSEEN')
  await live.ended
})

test.concurrent('where nothing can be seen the step runs each time, and says why', async () => {
  const cwd = folderWith({
    'tutti.ts': `${IMPORTS}
import { readFileSync } from 'node:fs'
const read = task(() => readFileSync('a.txt', 'utf8'), { inputs: 'inferred' })
const plain = task((text: string) => text)
export const main = workflow(() => [plain(read()), plain(read())])`,
    'a.txt': 'a',
  })
  const first = await run(cwd, { PATH: cwd })
  expect(first).toMatchObject({ steps: { length: 4 }, output: ['a', 'a'] })
  const warnings = first.err.split('\n').filter(line => line.includes('INPUTS_UNSEEN'))
  expect(warnings).toEqual([
    expect.stringMatching(/there is no strace on the PATH; results with inferred inputs are not kept\. Install it/),
  ])
  expect((await run(cwd, { PATH: cwd })).steps).toEqual(['read', 'read~2'])
})

describe('inputs: { depfile }', () => {
  const tasks = (option: string, flags: string) => `${IMPORTS}
const compile = task(async (src: FileHandle, object: Output) => {
  await sh\`gcc ${flags} -c \${src} -o \${object}\`
  return object
}, { inputs: { depfile: '${option}' } })
export const main = workflow(() => [compile(file('a.c'), output('build/a.o')), compile(file('b.c'), output('build/b.o'))])`
  const sources = {
    'a.c': '#include "a b.h"\nint a(void) { return A; }\n',
    'a b.h': '#define A 1\n',
    'b.c': 'int b(void) { return 2; }\n',
  }

  test.skipIf(!hasProgram('gcc')).concurrent('the compiler tells what it has read', async () => {
    const cwd = folderWith({ 'tutti.ts': tasks('{output}.d', '-MMD -MF ${object}.d'), ...sources })
    const disk = inFolder(cwd)
    expect((await run(cwd)).steps).toEqual(['compile', 'compile~2'])
    expect((await run(cwd)).steps).toEqual([])
    disk.write('a b.h', '#define A 2\n')
    expect((await run(cwd)).steps).toEqual(['compile'])
    disk.touch('a b.h')
    expect((await run(cwd)).steps).toEqual([])
  })

  test.skipIf(!hasProgram('gcc')).concurrent('a compiler that leaves no such file is told so', async () => {
    const cwd = folderWith({ 'tutti.ts': tasks('{output}.dep', '-MMD'), ...sources })
    const { code, err } = await tutti(['run'], { cwd })
    expect(code).toBe(1)
    expect(err).toContain('DEPFILE_MISSING')
    expect(err).toContain('build/a.o.dep')
  })

  test.concurrent('a name that no output gives is told so', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}
const compile = task((src: string) => src, { inputs: { depfile: '{output}.d' } })
export const main = workflow(() => compile('x'))`,
    })
    const { code, err } = await tutti(['run'], { cwd })
    expect(code).toBe(1)
    expect(err).toContain('has no output() argument')
  })

  test.concurrent.each(["'all'", '{ depfile: 1 }', '{}', "{ depfile: '' }", "{ depfile: 'a', more: 1 }"])(
    'another option is refused: %s',
    async inputs => {
      const cwd = folderWith({
        'tutti.ts': `${IMPORTS}
// @ts-expect-error
const compile = task((src: string) => src, { inputs: ${inputs} })
export const main = workflow(() => compile('x'))`,
      })
      const { code, err } = await tutti(['run'], { cwd })
      expect(code).toBe(3)
      expect(err).toContain("inputs takes 'inferred' or { depfile: 'path' }")
    },
  )
})

describe.skipIf(noSight)(`tutti trace-reads${noSight ? ` (skipped: ${noSight})` : ''}`, () => {
  const files = {
    'tutti.ts': `${IMPORTS}
import { readFileSync, writeFileSync } from 'node:fs'
const generate = task(async (to: Output) => { await sh.shell\`echo made > \${to}\`; return to })
const declared = task(async (src: Files, to: Output) => { await sh.shell\`cat \${src} > \${to}\`; return to })
const sloppy = task(async (n: number) => {
  await sh.shell\`cat include/a.h include/b.h gen/out.txt > made-\${n}.txt; ls include > /dev/null\`
  return readFileSync('config.json', 'utf8')
})
const inferred = task(async () => (await sh\`cat config.json\`).stdout, { inputs: 'inferred' })
export const main = workflow(() => {
  generate(output('gen/out.txt'))
  declared(files('src/*.txt'), output('out/all.txt'))
  inferred()
  return each([1, 2], n => sloppy(n))
})
export const clean = workflow(() => declared(files('src/*.txt'), output('out/all.txt')))`,
    'src/1.txt': '1',
    'src/2.txt': '2',
    'include/a.h': '',
    'include/b.h': '',
    'gen/out.txt': 'of the last time',
    'config.json': '{}',
  }

  test.concurrent('tells what steps read and write undeclared, with what to add', async () => {
    const cwd = folderWith(files)
    const { code, out, err } = await tutti(['trace-reads', 'tutti.ts', 'main', '--json', '--check'], { cwd })
    expect(code, err).toBe(1)
    expect(jsonLines(out)).toEqual([
      {
        step: 'sloppy',
        count: 2,
        at: expect.objectContaining({ file: 'tutti.ts', line: 15 }),
        reads: ['config.json', 'include/a.h', 'include/b.h'],
        readsOf: [{ path: 'gen/out.txt', step: 'generate', order: 'unordered' }],
        writes: ['made-1.txt', 'made-2.txt'],
        add: [
          "file('config.json')",
          "files('include/*.h')",
          'the result of generate',
          "output('made-1.txt')",
          "output('made-2.txt')",
          "{ inputs: 'inferred' }",
        ],
      },
    ])
    // All of it once more: nothing is taken from the run before.
    const again = await tutti(['trace-reads', 'tutti.ts', 'main', '--quiet'], { cwd })
    expect(again).toMatchObject({ code: 0, err: '' })
    expect(again.out).toMatch(
      /^sloppy \(tutti\.ts:15:\d+, 2 instances\)\n {2}reads, beside its arguments: config\.json, /,
    )
    expect(again.out).toContain('  reads what generate makes, and may run before it: gen/out.txt')
    expect(again.out).toContain("    add the argument files('include/*.h')")
  })

  test.concurrent('watches what a flow calls', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS.replace('each,', 'each, flow,')}
const cat = task(async (name: string) => (await sh\`cat \${name}.txt\`).stdout)
const inner = flow(async (name: string) => [await cat(name), await cat(name + name)].join())
export const main = workflow(() => inner('a'))`,
      'a.txt': '',
      'aa.txt': '',
    })
    const { code, out, err } = await tutti(['trace-reads', '--json'], { cwd })
    expect(code, err).toBe(0)
    expect(jsonLines(out)).toMatchObject([{ step: 'cat', reads: ['a.txt', 'aa.txt'] }])
  })

  test.concurrent('is content with a workflow that declares all', async () => {
    const cwd = folderWith(files)
    const ended = await tutti(['trace-reads', 'tutti.ts', 'clean', '--check'], { cwd })
    expect(ended).toMatchObject({ code: 0, out: 'Every step declares what it reads and writes.\n' })
    expect(inFolder(cwd).read('out/all.txt')).toBe('12')
  })

  test.concurrent('of a run that fails tells what was seen, with the exit code of the run', async () => {
    const cwd = folderWith({
      'tutti.ts': `${IMPORTS}
const bad = task(async () => sh.shell\`cat a.txt; exit 3\`)
export const main = workflow(() => bad())`,
      'a.txt': '',
    })
    const { code, out } = await tutti(['trace-reads'], { cwd })
    expect(code).toBe(1)
    expect(out).toContain('reads, beside its arguments: a.txt')
  })
})

test.concurrent('tutti trace-reads says what it needs where there is no strace', async () => {
  const cwd = folderWith({ 'tutti.ts': `${IMPORTS}export const main = workflow(() => 1)` })
  const { code, err } = await tutti(['trace-reads'], { cwd, env: { PATH: cwd } })
  expect(code).toBe(3)
  expect(err).toMatch(/SIGHT_MISSING|SIGHT_UNSUPPORTED/)
})
