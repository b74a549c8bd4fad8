/** A long history, lived through on the command line: published version by version, then rewound to each, without its file. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { folderWith, tutti } from '../cli/rig.ts'
import { ITERATIONS, type Iteration } from './iterations.ts'

interface Listed {
  readonly version: string
  readonly hash: string
  readonly publishedAt: string
  readonly current: boolean
  readonly message: string
}

interface Kept {
  readonly output: string
  readonly hash: string
}

const kept = new Map<string, Kept>()
const outputs: string[] = []
const files = new Set<string>()
let folder = ''

function apply({ edits }: Iteration): void {
  for (const { file, before, after } of edits) {
    const path = join(folder, file)
    files.add(file)
    if (after === undefined) rmSync(path)
    else if (before === undefined) {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, after)
    } else {
      const text = readFileSync(path, 'utf8')
      expect(text.split(before), `${file} has once: ${before}`).toHaveLength(2)
      writeFileSync(
        path,
        text.replace(before, () => after),
      )
    }
  }
}

const words = ({ params = [] }: Iteration): readonly string[] => params.flatMap(param => ['-p', param])

/** What it gave, or what it said. */
async function run(...line: readonly string[]): Promise<string> {
  const { code, out, err } = await tutti(['run', ...line], { cwd: folder })
  return code === 0 ? out : `${code}: ${err}`
}

async function json<T>(...line: readonly string[]): Promise<readonly T[]> {
  const { code, out, err } = await tutti([...line, '--json'], { cwd: folder })
  expect(code, err).toBe(0)
  return out
    .trimEnd()
    .split('\n')
    .map(text => JSON.parse(text) as T)
}

beforeAll(async () => {
  folder = folderWith()
  for (const iteration of ITERATIONS) {
    apply(iteration)
    const output = await run('tutti.ts', 'billing', '--publish', '-m', iteration.why, ...words(iteration))
    expect(() => JSON.parse(output) as unknown, output).not.toThrow()
    outputs.push(output)
  }
  const listed = await json<Listed>('versions', 'billing')
  for (const [index, { version, hash }] of [...listed].reverse().entries())
    kept.set(version, { output: outputs[index] ?? '', hash })
  for (const file of files) if (file !== 'readings.csv') rmSync(join(folder, file), { force: true })
}, 300_000)

test('there are thirty, all different', () => {
  expect(ITERATIONS).toHaveLength(30)
  expect(new Set([...kept.values()].map(({ hash }) => hash)).size).toBe(30)
})

test('the list has them all, newest first, the last one current', async () => {
  const listed = await json<Listed>('versions')
  expect(listed.map(({ version }) => version)).toEqual(ITERATIONS.map(({ number }) => number).reverse())
  expect(listed.map(({ message }) => message)).toEqual(ITERATIONS.map(({ why }) => why).reverse())
  expect(listed.filter(({ current }) => current).map(({ version }) => version)).toEqual([ITERATIONS.at(-1)?.number])
  for (const { publishedAt } of listed) expect(new Date(publishedAt).toISOString()).toBe(publishedAt)
})

describe('with the file gone', () => {
  test.each(ITERATIONS)('$number gives what it gave: $why', { timeout: 60_000 }, async iteration => {
    const rewound = await tutti(['rewind', `billing@${iteration.number}`], { cwd: folder })
    expect(rewound).toMatchObject({ code: 0, out: `billing@${iteration.number}\n` })
    const { output } = kept.get(iteration.number) ?? { output: '' }
    // Its own code runs: nothing is taken from the runs of then.
    expect(await run('billing', '--fresh', ...words(iteration))).toBe(output)
  })

  test('any of them runs beside the current one, by number and by range', { timeout: 60_000 }, async () => {
    await tutti(['rewind', 'billing@2.1.0'], { cwd: folder })
    for (const [which, number] of [
      ['1.0.0', '1.0.0'],
      ['^1.0', '1.4.2'],
      ['~1.0.0', '1.0.2'],
      ['2', '2.2.0'],
      ['<1.3', '1.2.0'],
    ] as const) {
      const iteration = ITERATIONS.find(each => each.number === number)
      expect(await run(`billing@${which}`, ...words(iteration ?? { number, why: '', edits: [] })), which).toBe(
        kept.get(number)?.output,
      )
    }
    expect(await run('billing')).toBe(kept.get('2.1.0')?.output)
  })
})
