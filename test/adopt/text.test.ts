import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { folderOf, rulesOf } from '../../src/adopt/declared.ts'
import { lineOf, quote, redirections } from '../../src/adopt/lines.ts'
import { newNames } from '../../src/adopt/names.ts'
import { literal } from '../../src/adopt/text.ts'
import { surroundingsOf, withoutSecrets } from '../../src/adopt/surroundings.ts'

const text = fc.string({
  unit: fc.constantFrom('a', "'", '"', '`', '\\', '$', '{', ' ', '\n', '\t', '*', '=', 'é', '-', '\u0001'),
  maxLength: 12,
})

test('A2: quoted words are the same words for a shell', () => {
  const words = fc.array(text, { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(words, all => {
      const script = `printf '%s\\0' ${all.map(quote).join(' ')}`
      const said = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })
      expect(said.split('\0').slice(0, -1)).toEqual(all)
    }),
    { numRuns: 15 },
  )
  expect(lineOf(['gcc', '-DX="a b"', '-o', 'a.o', 'CC=gcc', ''])).toBe(`gcc '-DX="a b"' -o a.o CC=gcc ''`)
  expect(lineOf(['A=b', 'x'])).toBe("'A=b' x")
})

test('a literal of TypeScript is the text again', () => {
  fc.assert(fc.property(text, each => new Function(`return ${literal(each)}`)() === each))
  expect([literal('a'), literal("it's"), literal('a\nb\n'), literal(`'"`)]).toEqual([
    "'a'",
    `"it's"`,
    '`a\nb\n`',
    '`\'"`',
  ])
})

test('redirections are said as a shell has them', () => {
  const file = (path: string, mode: 'read' | 'write' | 'append', openedSeq = 1) =>
    ({ kind: 'file', path, mode, openedSeq }) as const
  const pipe = { kind: 'pipe', pipe: 'pipe:[1]' } as const
  expect([
    redirections([file('/p/in', 'read'), file('/p/out/x y', 'write'), undefined], '/p'),
    redirections([undefined, file('/p/log', 'append', 3), file('/p/log', 'append', 3)], '/p/src'),
    redirections([undefined, file('/p/a', 'write', 3), file('/p/a', 'write', 4)], '/p'),
    redirections([undefined, file('/dev/null', 'write'), undefined], '/p'),
    redirections([undefined, pipe, pipe], '/p'),
    redirections([undefined, undefined, undefined], '/p'),
  ]).toEqual(["< in > 'out/x y'", '>> ../log 2>&1', '> a 2> a', '> /dev/null', '2>&1', ''])
})

test('names are short, legal, and nobody’s twice', () => {
  const names = newNames()
  expect(['src/a.o', 'lib/a.o', 'lib/a.o', '7zip', 'class', 'libz.so.1', '.d/x', 'run'].map(names.of)).toEqual([
    'a_o',
    'lib_a_o',
    'lib_a_o_2',
    '_7zip',
    'class_2',
    'libz_so_1',
    'x',
    'run_2',
  ])
})

describe('surroundings', () => {
  const ours = { PATH: '/bin', HOME: '/h', CC: 'cc', NPM_TOKEN: 'abcdefgh' }
  test('only what the tools exported is written down, and no secret', () => {
    const env = {
      ...ours,
      PATH: '/p/tools:/p/node_modules/.bin:/bin',
      CC: 'gcc',
      'CPPFLAGS_x.lds': '',
      MAKEFLAGS: 'w',
      MAKELEVEL: '1',
      PWD: '/x',
      npm_config_x: 'y',
      npm_package_version: '1.0.0',
      SIGNING_KEY: 's',
      DB_PASSWORD: 'p',
    }
    expect(surroundingsOf(env, ours)).toEqual({
      set: { CC: 'gcc', npm_package_version: '1.0.0' },
      secrets: ['DB_PASSWORD', 'SIGNING_KEY'],
      path: ['/p/tools'],
    })
    expect(surroundingsOf(ours, ours)).toEqual({ set: {}, secrets: [], path: [] })
  })
  test('a secret that a tool put into a line is named instead', () =>
    expect(withoutSecrets('curl -H abcdefgh x', ours)).toEqual({
      line: 'curl -H $NPM_TOKEN x',
      secrets: ['NPM_TOKEN'],
    }))
})

test('the rules of make are read from its data base, the last one alone', () => {
  const database = `
# Make data base, printed on Thu
# Files
inner: other
# files hash-table stats:

# Make data base, printed on Thu

# Variables
CC = cc

# Files

# Not a target:
a.c:
#  Implicit rule search has been done.

all: prog | out
#  Phony target (prerequisite of .PHONY).

prog: CFLAGS := -O2
prog: a.o sub/b.o
#  recipe to execute (from 'Makefile', line 3):
\tcc -o $@ $^

a.o:: a.c a.h

# files hash-table stats:
late: x
`
  expect([...rulesOf(database, '/p')].map(([target, needs]) => `${target}: ${[...needs].join(' ')}`)).toEqual([
    '/p/all: /p/prog /p/out',
    '/p/prog: /p/a.o /p/sub/b.o',
    '/p/a.o: /p/a.c /p/a.h',
  ])
})

test('the targets of make -C are where it goes', () => {
  const at = (...argv: readonly string[]): string => folderOf({ exec: { argv, cwd: '/p' } })
  expect([at('make'), at('make', '-C', 'lib'), at('make', '-Clib', '-C', 'sub'), at('make', '--directory=/x')]).toEqual(
    ['/p', '/p/lib', '/p/lib/sub', '/x'],
  )
})
