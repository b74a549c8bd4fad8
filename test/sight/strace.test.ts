import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findSight, traced } from '../../src/sight/strace.ts'
import { accessIn, hasProgram, newFolder, noSight, run } from './suite.ts'

let folder: string
beforeEach(() => {
  folder = newFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

describe.skipIf(noSight)(`what real programs read and write${noSight ? ` (skipped: ${noSight})` : ''}`, () => {
  test('a shell', async () => {
    write({ 'a.txt': 'a', 'd/b.txt': 'b', 'in.sh': '. ./d/lib.sh\n', 'd/lib.sh': 'cat < a.txt >> out/log\n' })
    const script = `mkdir -p out && cd d && cat b.txt > "../out/b é" && cd .. && . ./in.sh
      [ -f missing ] || mv "out/b é" out/c; rm -f out/nothing; (cd d; cat ../a.txt) > /dev/null; ls d > tmp; rm tmp`
    const ran = await run(folder, '/bin/sh', '-c', script)
    expect(ran.code).toBe(0)
    expect(accessIn(folder, ran)).toEqual({
      reads: expect.arrayContaining(['a.txt', 'd/b.txt', 'd/lib.sh', 'in.sh']),
      lists: ['d'],
      absent: ['missing'],
      writes: ['out', 'out/c', 'out/log'],
    })
    expect(ran.observed).toMatchObject({ isComplete: true, unknownLines: 0 })
  })

  test.skipIf(!hasProgram('gcc'))('a compiler, with the headers that it did not find', async () => {
    write({
      'src/a.c': '#include "a.h"\n#include <b.h>\nint a(void) { return B; }\n',
      'src/a.h': '',
      'first/.keep': '',
      'second/b.h': '#define B 1\n',
    })
    const ran = await run(folder, 'gcc', '-Ifirst', '-Isecond', '-c', 'src/a.c', '-o', 'a.o')
    const { reads, absent, writes } = accessIn(folder, ran)
    expect(reads).toEqual(expect.arrayContaining(['second/b.h', 'src/a.c', 'src/a.h']))
    expect(absent).toContain('first/b.h')
    expect(writes).toEqual(['a.o'])
  })

  test('node, with threads, and a program that it starts', async () => {
    write({
      'main.mjs': `import { x } from './lib.mjs'
        import { execFileSync } from 'node:child_process'
        import { promises, writeFileSync } from 'node:fs'
        process.chdir('d')
        await promises.readFile('b.txt')
        writeFileSync('../out', execFileSync('cat', ['b.txt', '../a.txt']) + x)`,
      'lib.mjs': 'export const x = 1',
      'a.txt': 'a',
      'd/b.txt': 'b',
    })
    const { reads, writes } = accessIn(folder, await run(folder, process.execPath, 'main.mjs'))
    expect(reads).toEqual(expect.arrayContaining(['a.txt', 'd/b.txt', 'lib.mjs', 'main.mjs']))
    expect(writes).toEqual(['out'])
  })

  test.skipIf(!hasProgram('make'))('make, and who did what', async () => {
    write({ Makefile: 'all: b\n\tcp b c\nb: a\n\tcd . && tr a b < a > b\n', a: 'a' })
    const { observed } = await run(folder, 'make', '-s')
    const { processes } = observed
    expect(processes.map(({ parent, execs }) => [parent, execs.at(-1)?.argv])).toEqual([
      [undefined, ['make', '-s']],
      [0, ['/bin/sh', '-c', 'cd . && tr a b < a > b']],
      [1, ['tr', 'a', 'b']],
      [0, ['cp', 'b', 'c']],
    ])
    // A shell opens what a redirection names before it starts the program.
    const byShell = processes[1]?.touches.map(({ kind, path }) => `${kind} ${path.slice(folder.length + 1)}`)
    expect(byShell).toEqual(['read a', 'write b'])
    expect(processes[1]?.execs[0]?.env).toMatchObject({ LC_ALL: 'C', MAKELEVEL: '1' })
    const seqs = processes.flatMap(({ touches }) => touches.map(({ seq }) => seq))
    expect(new Set(seqs).size).toBe(seqs.length)
  })

  test('a script that names its interpreter, by a link', async () => {
    write({ 'tool.sh': '#!/bin/sh\ncat "$1"\n', a: 'a' })
    chmodSync(join(folder, 'tool.sh'), 0o755)
    symlinkSync('tool.sh', join(folder, 'tool'))
    const ran = await run(folder, './tool', 'a')
    expect(ran.observed.processes[0]?.execs[0]?.argv).toEqual(['./tool', 'a'])
    expect(accessIn(folder, ran)).toMatchObject({ reads: ['a', 'tool', 'tool.sh'], writes: [] })
  })

  test.each([
    ['exit 7', { code: 7, signal: null }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
    ['kill -KILL $$', { code: null, signal: 'SIGKILL' }],
  ])('a command keeps its end: %s', async (script, end) => {
    const ran = await run(folder, '/bin/sh', '-c', script)
    expect(ran).toMatchObject(end)
    expect(ran.observed.isComplete).toBe(true)
  })

  test('who waits for a command does not wait for what it left in the background', async () => {
    const startedMs = performance.now()
    write({ a: '' })
    const ran = await run(folder, '/bin/sh', '-c', 'sleep 100 & echo $! > pid; kill $! ; cat a')
    expect(performance.now() - startedMs).toBeLessThan(20_000)
    expect(accessIn(folder, ran)).toMatchObject({ writes: ['pid'] })
  })

  test('a command that is not there fails as itself', async () => {
    const sight = await findSight()
    const command = { file: 'no-such-program', args: ['x'], cwd: folder, env: process.env }
    expect(sight.kind === 'ready' && traced(sight.tracer, command, { log: '/dev/null' })).toBe(command)
  })
})

describe('where nothing can be seen', () => {
  test.skipIf(process.platform !== 'linux')('a machine without strace says so, with what to do', async () => {
    expect(await findSight(folder)).toMatchObject({
      kind: 'blocked',
      problem: { code: 'SIGHT_MISSING', hint: 'Install it: apt-get install strace.' },
    })
  })
  test.skipIf(process.platform !== 'linux').each([
    ['may not watch', 'echo "strace: ptrace(PTRACE_SEIZE, 7): Operation not permitted" >&2; exit 1', 'SIGHT_FORBIDDEN'],
    ['does not work', 'echo "strace: invalid option -- D" >&2; exit 1', 'SIGHT_FAILED'],
    ['dies', 'kill -9 $$', 'SIGHT_FAILED'],
  ])('a strace that %s', async (_, script, code) => {
    write({ strace: `#!/bin/sh\n${script}\n` })
    chmodSync(join(folder, 'strace'), 0o755)
    expect(await findSight(folder)).toMatchObject({ kind: 'blocked', problem: { code } })
  })
  test.skipIf(process.platform === 'linux')('another system than Linux', async () => {
    expect(await findSight()).toMatchObject({ kind: 'blocked', problem: { code: 'SIGHT_UNSUPPORTED' } })
  })
})
