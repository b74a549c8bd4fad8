/** docs/versions.md walks through the life of a workflow: each command there is run, and says what stands there. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cli, folderWith } from '../cli/rig.ts'

const text = readFileSync(new URL('../../docs/versions.md', import.meta.url), 'utf8')
const walk = text.slice(text.indexOf('## A walk-through'), text.indexOf('## Publishing'))

type Part =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'command'; readonly line: string; readonly says: string }

/** Code blocks are the file; indented ones are commands, each with what it says up to the next. */
const parts: readonly Part[] = [...walk.matchAll(/^```ts\n(.*?)^```|^(?: {4}[^\n]*\n|\n(?= {4}))+/gms)].flatMap(
  ([block, file]): readonly Part[] =>
    file === undefined
      ? `\n${block.replaceAll(/^ {4}/gm, '')}`
          .split(/^\$ /m)
          .slice(1)
          .map(each => {
            const [line = '', ...says] = each.split('\n')
            return { kind: 'command', line, says: says.join('\n').trim() } as const
          })
      : [{ kind: 'file', text: file } as const],
)

/** What is another one each time. */
const settled = (said: string): string =>
  said
    .trim()
    .replaceAll(/\b\d+(\.\d+)?(ms|s)\b( ago)?/g, 'TIME')
    .replaceAll(/ +$/gm, '')
    .replaceAll(/ {2,}/g, '  ')

let folder = ''

beforeAll(() => {
  folder = folderWith()
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'tutti'), `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`)
  chmodSync(join(bin, 'tutti'), 0o755)
})

test('it has the commands of a life', () => {
  const lines = parts.flatMap(part => (part.kind === 'command' ? [part.line.split(' ')[1]] : []))
  for (const word of ['publish', 'run', 'diff', 'migrate', 'rewind', 'versions', 'checkout', 'backtest'])
    expect(lines).toContain(word)
})

for (const [index, part] of parts.entries())
  if (part.kind === 'file') test(`${index}: the file`, () => writeFileSync(join(folder, 'tutti.ts'), part.text))
  else
    test(`${index}: ${part.line}`, { timeout: 60_000 }, () => {
      const { stdout } = spawnSync('sh', ['-c', `${part.line} 2>&1`], {
        cwd: folder,
        encoding: 'utf8',
        env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, COLUMNS: '160' },
      })
      expect(settled(stdout)).toBe(settled(part.says))
    })
