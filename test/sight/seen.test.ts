/** What of all that was seen is an input of a step: the layer round the task's function. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Access, Attempt, Reports } from '../../src/exec/attempt.ts'
import { projectOf, readDepfile, see } from '../../src/exec/seen.ts'
import type { LogWindow } from '../../src/sight/window.ts'
import { LocalDir, LocalFile, LocalFiles, LocalOutput } from '../../src/values/handles.ts'
import { newFolder, observed } from './suite.ts'

let folder: string
beforeEach(() => {
  folder = newFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (path: string): string => join(folder, path)
function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), '')
  }
}

const attemptWith = (args: readonly unknown[], more: Partial<Attempt> = {}): Attempt => ({
  run: 'r',
  step: 's',
  name: 's',
  attempt: 1,
  idempotencyKey: 'r/s',
  work: { kind: 'task', bundle: 'b', task: 's', executor: 'inline' },
  args: [],
  policy: { inputs: { kind: 'inferred' } },
  cwd: folder,
  opened: {
    args,
    keep: () => ({ codec: 'json', hash: '', sizeBytes: 0 }),
    fault: async () => ({ code: '', message: '' }),
  },
  ...more,
})

function listening(): { readonly reports: Reports; readonly saw: Access[]; readonly lines: string[] } {
  const saw: Access[] = []
  const lines: string[] = []
  return {
    saw,
    lines,
    reports: {
      line: (_, text) => lines.push(text),
      record: () => {},
      alive: () => {},
      saw: access => saw.push(access),
    },
  }
}

/** Runs an attempt during which strace has written `log`; FOLDER stands for the test's. */
async function seenIn(log: string | undefined, attempt: Attempt): Promise<{ saw: Access[]; lines: string[] }> {
  const window: LogWindow = {
    begin: () => ({
      end: () => (log === undefined ? undefined : observed(log.replaceAll('FOLDER', folder), { cwd: folder })),
    }),
  }
  const { reports, ...heard } = listening()
  const layer = see({ window, sees: () => true, store: at('kept'), program: at('node_modules/tutti/dist') })
  await layer(() => ({ kind: 'cancelled' }))(attempt, new AbortController().signal, reports)
  return heard
}

test('W1: only the project counts, through links or not', async () => {
  write('real/src/a.h', 'real/parts/x', 'other/b.h', 'real/.git/HEAD')
  symlinkSync(at('real'), at('link'))
  const log = `1 open("FOLDER/real/src/a.h", O_RDONLY) = 3
    1 stat("FOLDER/real/src", {}) = 0
    1 open("FOLDER/other/b.h", O_RDONLY) = 3
    1 open("/usr/include/stdio.h", O_RDONLY) = 3
    1 open("FOLDER/real/none.h", O_RDONLY) = -1 ENOENT (No such file or directory)
    1 open("/usr/include/none.h", O_RDONLY) = -1 ENOENT (No such file or directory)
    1 getdents64(3<FOLDER/real/parts>, 0x1, 32768) = 48
    1 creat("FOLDER/real/out", 0666) = 3
    1 creat("/elsewhere/x", 0666) = 3`
  const inside = (root: string): Access => ({
    reads: [`${root}/src/a.h`, `${root}/parts`].map(at),
    absent: [at(`${root}/none.h`)],
    writes: [at(`${root}/out`)],
  })
  expect((await seenIn(log, attemptWith([], { cwd: at('real/src') }))).saw).toEqual([inside('real')])
  expect((await seenIn(log, attemptWith([], { cwd: at('link') }))).saw).toEqual([inside('link')])
  expect(projectOf(at('real/src'))).toBe(at('real'))
})

test('W2: our own files are no inputs, unless a command reads them', async () => {
  write('kept/blob', 'node_modules/tutti/dist/cli.js', 'node_modules/tutti/package.json')
  const log = `${process.pid} open("FOLDER/kept/blob", O_RDONLY) = 3
    ${process.pid} open("FOLDER/node_modules/tutti/dist/cli.js", O_RDONLY) = 3
    ${process.pid} open("FOLDER/node_modules/tutti/package.json", O_RDONLY) = 3`
  expect((await seenIn(log, attemptWith([]))).saw).toMatchObject([{ reads: [at('node_modules/tutti/package.json')] }])
  const byCommand = '1 open("FOLDER/node_modules/tutti/dist/cli.js", O_RDONLY) = 3'
  expect((await seenIn(byCommand, attemptWith([]))).saw).toMatchObject([
    { reads: [at('node_modules/tutti/dist/cli.js')] },
  ])
})

test('W3: what the arguments name is not told once more', async () => {
  write('a', 'b/1', 'b/2', 'c/deep/x', 'd', 'e', 'made/o')
  symlinkSync(at('d'), at('link'))
  const args = [
    new LocalFile(at('a')),
    { list: [new LocalFiles(folder, [['b/1', { hash: '', sizeBytes: 0 }]])] },
    [new LocalDir(at('c')), new LocalOutput(at('made')), new LocalFile(at('link')), null, 7],
  ]
  const paths = ['a', 'b/1', 'b/2', 'c/deep/x', 'd', 'e', 'made/o']
  const log = paths.map(path => `1 open("FOLDER/${path}", O_RDONLY) = 3`).join('\n')
  expect((await seenIn(log, attemptWith(args))).saw).toMatchObject([{ reads: [at('b/2'), at('e')] }])
})

test('what nobody has seen is told as that', async () => {
  const { saw, lines } = await seenIn(undefined, attemptWith([]))
  expect(saw).toEqual([])
  expect(lines).toEqual([expect.stringContaining('INPUTS_UNSEEN')])
})

test('W1: a dependency file is taken at its word', async () => {
  write('a.c')
  writeFileSync(at('o.d'), 'o: a.c src/b.h /usr/include/stdio.h\n')
  const { reports, saw } = listening()
  const attempt = attemptWith([new LocalFile(at('a.c')), new LocalOutput(at('o'))], {
    policy: { inputs: { kind: 'depfile', path: '{output}.d' } },
  })
  const done = { kind: 'succeeded', output: { codec: 'json', hash: '', sizeBytes: 0 } } as const
  await readDepfile(() => done)(attempt, new AbortController().signal, reports)
  expect(saw).toEqual([{ reads: [at('src/b.h'), '/usr/include/stdio.h'], absent: [], writes: [at('o.d')] }])
})
