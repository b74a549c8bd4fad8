/** The example language, used as its reader uses it: a file that no language of ours knows, run by the command line. */
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { graphCommand } from '../../src/cli/commands/graph.ts'
import { runCommand } from '../../src/cli/commands/run.ts'
import type { Io, Reading } from '../../src/cli/io.ts'
import { type Inside, inside } from '../versions-cli/inside.ts'

const example = fileURLToPath(new URL('../../examples/language', import.meta.url))

function makeProject(files: Readonly<Record<string, string>> = {}): Inside {
  const made = inside({})
  cpSync(example, made.folder, { recursive: true, filter: path => !path.includes('.tutti') })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made.folder, name), text)
  return made
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
/** Sources are looked at in every run. */
const started = (err: string): readonly string[] =>
  [...err.matchAll(/^start +(\S+)$/gm)].map(([, step]) => step ?? '').sort()
const reading = (io: Io, given: Reading): Io => ({ ...io, reading: given })

describe('a Makefile is run as a tutti.ts is', () => {
  test('its first target, with all that this needs', async () => {
    const { folder, run } = makeProject()
    const { code, err } = await run(io => runCommand(io, ['Makefile'], {}))
    expect({ code, count: read(folder, 'count.txt') }, err).toEqual({ code: 0, count: '6\n' })
  })

  test('a target by its name, and again only what has changed', async () => {
    const { folder, run } = makeProject()
    await run(io => runCommand(io, ['Makefile', 'count.txt'], {}))
    writeFileSync(join(folder, 'dog.txt'), 'the lazy cat')
    const { err } = await run(io => runCommand(io, ['Makefile', 'count.txt'], {}))
    expect(started(err)).toEqual(['count.txt', 'dog.txt', 'dog.words', 'fox.txt', 'words.txt'])
    expect(read(folder, 'words.txt')).toContain('cat')
  })

  test('a line of a recipe that has changed runs it again, and a run is told of by the names of targets', async () => {
    const { folder, run } = makeProject()
    await run(io => runCommand(io, ['Makefile', 'count.txt'], {}))
    writeFileSync(join(folder, 'Makefile'), read(folder, 'Makefile').replace('wc -l', 'wc -w'))
    const { code, err } = await run(io => runCommand(io, ['Makefile', 'count.txt'], {}))
    expect(code).toBe(0)
    expect(started(err)).toEqual(['count.txt', 'dog.txt', 'fox.txt'])
  })

  test('variables are bound beside it, or by --bind, and it is said by what', async () => {
    const { run } = makeProject({ 'Makefile.bind.json': '{"SORT": "sort -r"}', 'other.json': '{"SORT": "false"}' })
    const beside = await run(io => runCommand(io, ['Makefile', 'words.txt'], {}))
    expect(beside).toMatchObject({ code: 0, err: expect.stringContaining('bindings: Makefile.bind.json') })
    const named = await run(io => runCommand(reading(io, { bind: 'other.json' }), ['Makefile', 'words.txt'], {}))
    expect(named.code).toBe(1)
  })

  test('by --lang, where nothing beside it knows it', async () => {
    const { folder, run } = makeProject({ 'rules.txt': 'x.txt:\n\techo made > $@\n' })
    rmSync(join(folder, 'tutti.ts'))
    const { code, err } = await run(io => runCommand(reading(io, { lang: './make.ts' }), ['rules.txt'], {}))
    expect({ code, x: readdirSync(folder).includes('x.txt') }, err).toEqual({ code: 0, x: true })
  })

  test('it is drawn', async () => {
    const { run } = makeProject()
    const { out } = await run(io => graphCommand(io, ['Makefile', 'count.txt'], { format: 'json' }))
    const { root } = JSON.parse(out) as { readonly root: { readonly nodes: readonly { name: string; kind: string }[] } }
    expect(root.nodes.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      'source dog.txt',
      'source fox.txt',
      'task count.txt',
      'task dog.words',
      'task fox.words',
      'task words.txt',
    ])
  })
})

describe('what is wrong with it is told at its place, all at once', () => {
  test.each([
    { text: 'nonsense\n', found: ['MAKE_SYNTAX 1:1'] },
    { text: 'a:\n\techo\ninclude x\nb: $(wildcard *.c)\n', found: ['MAKE_UNSUPPORTED 3:1', 'MAKE_UNSUPPORTED 4:1'] },
    { text: '\techo\n', found: ['MAKE_SYNTAX 1:1'] },
    { text: 'a: b\n\ttrue\nb: a\n\ttrue\n', found: ['MAKE_CYCLE 1:1'] },
  ])('$found', async ({ text, found }) => {
    const { run } = makeProject({ Makefile: text })
    const { code, err } = await run(io => runCommand(io, ['Makefile'], {}))
    expect(code).toBe(3)
    expect(
      [...err.matchAll(/^error (\w+) .*\n {2}at Makefile:(\d+:\d+)/gm)].map(([, code, at]) => `${code} ${at}`),
    ).toEqual(found)
  })

  test('as the command line shows it', async () => {
    const { refusal } = makeProject({ Makefile: 'a:\n\ttrue\nnonsense\n' })
    const { code, err } = await refusal(io => runCommand(io, ['Makefile'], {}))
    expect(code).toBe('MAKE_SYNTAX')
    expect(err).toContain('Makefile:3:1')
    expect(err).toContain('3 | nonsense')
  })
})
