/** What later languages need of the door: each in small, run for real by `--lang`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runCommand } from '../../src/cli/commands/run.ts'
import type { RunFlags } from '../../src/cli/commands/run-flags.ts'
import { jsonOrText } from '../../src/cli/mock-words.ts'
import { type Inside, inside } from '../versions-cli/inside.ts'

/** Of a file, in the language of one of ./languages. */
function project(language: string, files: Readonly<Record<string, string>>) {
  const path = fileURLToPath(new URL(`languages/${language}.ts`, import.meta.url))
  const made = inside({ ...files, 'language.ts': readFileSync(path, 'utf8') })
  return { ...made, go: (file: string, flags: RunFlags = {}) => go(made, file, flags) }
}

async function go(
  { run }: Inside,
  file: string,
  flags: RunFlags,
): Promise<{ readonly value: unknown; readonly err: string }> {
  const { code, out, err } = await run(io => runCommand({ ...io, reading: { lang: './language.ts' } }, [file], flags))
  expect(code, err).toBe(0)
  return { value: jsonOrText(out.trim()), err }
}

test('services that others use, stopped when nobody needs them', async () => {
  const server = `node -e "require('http').createServer((q, s) => s.end('from ' + process.env.PORT)).listen(process.env.PORT)"`
  const asks = `node -e "fetch(process.env.API_URL).then(r => r.text()).then(console.log)"`
  const { go } = project('processes', { 'x.procs': `api < *.conf: ${server}\njob: ${asks}\n`, 'a.conf': '1' })
  expect((await go('x.procs')).value).toEqual({ job: expect.stringMatching(/^from \d+$/) })
})

test('containers with parameters and artifacts; only what differs runs again', async () => {
  const pipe = (factor: number) =>
    JSON.stringify({
      params: { n: 3 },
      components: [
        { name: 'make', image: 'alpine', command: 'seq $n > $data', inputs: { n: 'param.n' }, outputs: ['data'] },
        {
          name: 'sum',
          image: 'alpine',
          command: `awk '{s+=$1*${factor}} END {print s}' $data > $total`,
          retries: 2,
          inputs: { data: 'make.data' },
          outputs: ['total'],
        },
      ],
    })
  const { folder, go } = project('pipeline', { 'a.pipe.json': pipe(1) })
  const total = (): string => readFileSync(join(folder, 'artifacts/sum/total'), 'utf8')
  await go('a.pipe.json')
  expect(total()).toBe('6\n')
  writeFileSync(join(folder, 'a.pipe.json'), pipe(2))
  expect((await go('a.pipe.json')).err).toMatch(/known +make/)
  expect(total()).toBe('12\n')
  await go('a.pipe.json', { param: ['n=4'] })
  expect(total()).toBe('20\n')
})

test('functions of Python, in a process of it', async () => {
  const { go } = project('callables', {
    'etl.dag': 'rows = work.extract(3)\ntotal = work.load(rows, 10)\n',
    'work.py': 'def extract(n):\n    return list(range(n))\n\ndef load(rows, factor):\n    return sum(rows) * factor\n',
  })
  expect((await go('etl.dag')).value).toBe(30)
})

test('a desired state: only what differs from what is there is done', async () => {
  const { folder, go } = project('desired', { 'a.state': 'x = 1\ny = 2\n', 'there.json': '{"x":"1","z":"9"}' })
  const there = (): unknown => JSON.parse(readFileSync(join(folder, 'there.json'), 'utf8'))
  expect((await go('a.state')).value).toEqual(['y'])
  expect(there()).toEqual({ x: '1', y: '2', z: '9' })
  expect((await go('a.state')).value).toEqual([])
  writeFileSync(join(folder, 'there.json'), '{}')
  expect((await go('a.state')).value).toEqual(['x', 'y'])
})
