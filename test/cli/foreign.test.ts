/** Files of another language, by the built command line: what only a process of its own shows. */
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folderWith, startTutti, tutti } from './rig.ts'

const examples = fileURLToPath(new URL('../../examples', import.meta.url))

function copyOf(name: string): string {
  const folder = folderWith()
  cpSync(join(examples, name), folder, { recursive: true, filter: path => !path.includes('.tutti') })
  return folder
}

test('a null run of a Makefile opens nothing; its text and what binds it end that, also when it comes or goes', async () => {
  const cwd = copyOf('language')
  const words = ['run', 'Makefile', 'words.txt']
  const isNull = async (): Promise<boolean> => {
    const { code, err } = await tutti(words, { cwd })
    expect(code, err).toBe(0)
    return err.startsWith('up to date')
  }
  const change = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
  expect(await isNull()).toBe(false)
  // What was written this very moment is looked at again.
  await isNull()
  expect(await isNull()).toBe(true)
  change('Makefile.bind.json', '{"SORT": "sort -f"}')
  expect(await isNull()).toBe(false)
  await isNull()
  expect(await isNull()).toBe(true)
  change('Makefile.bind.json', '{"SORT": "sort -r"}')
  expect(await isNull()).toBe(false)
  rmSync(join(cwd, 'Makefile.bind.json'))
  expect(await isNull()).toBe(false)
})

test('up runs again what its text, its bindings and its files change', async () => {
  const cwd = copyOf('language')
  const up = startTutti(['up', 'Makefile', 'words.txt'], { cwd })
  await up.says('up to date')
  writeFileSync(join(cwd, 'dog.txt'), 'another dog')
  await up.says('changed   dog.txt')
  writeFileSync(join(cwd, 'Makefile.bind.json'), '{"SORT": "sort -f"}')
  await up.says('changed   Makefile.bind.json')
  await up.says('loaded    words.txt')
  up.child.kill('SIGTERM')
  expect((await up.ended).code).toBe(0)
})

test('a state machine by the words of a user, here and in the background', async () => {
  const cwd = copyOf('asl')
  const input = ['--input', '@order.json']
  const shipped = { order: 7, total: 280, parcel: { parcel: 'P-7', pieces: 3 } }
  const { code, out, err } = await tutti(['run', 'order.asl.json', ...input], { cwd })
  expect(code, err).toBe(0)
  expect(JSON.parse(out)).toEqual(shipped)
  const background = await tutti(
    ['run', 'order.asl.json', ...input, '--detach', '--mock', 'MockConfigFile.json', '--test-case', 'Approved'],
    { cwd },
  )
  expect(background.code, background.err).toBe(0)
  const ended = await tutti(['resume', background.out.trim(), '--quiet'], { cwd })
  expect(ended.code === 0 || ended.err.includes('RUN_OWNED'), ended.err).toBe(true)
})

test.each([[['--mock', 'MockConfigFile.json']], [['--test-case', 'Approved']], [['--bind']]])(
  '%j is refused as a mistake in the words',
  async words => {
    const { code } = await tutti(['run', 'order.asl.json', ...words], { cwd: copyOf('asl') })
    expect(code).toBe(2)
  },
)
