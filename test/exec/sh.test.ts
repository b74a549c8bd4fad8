import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HANDLE } from '../../src/dsl/resources.ts'
import { sh } from '../../src/exec/sh/sh.ts'
import { CommandError } from '../../src/exec/sh/error.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { freshFolder, isAlive } from './fixture.ts'

/** A program that prints its arguments as JSON: what a command was really given. */
const node = process.execPath
const SHOW = 'console.log(JSON.stringify(process.argv.slice(1)))'
const argsOf = async (command: PromiseLike<{ readonly stdout: string }>): Promise<unknown> =>
  JSON.parse((await command).stdout)

describe('words', () => {
  const x = 'a b'
  const table: readonly (readonly [string, () => PromiseLike<{ readonly stdout: string }>, readonly string[]])[] = [
    ['plain words', () => sh`${node} -e ${SHOW} one  two	three`, ['one', 'two', 'three']],
    ['quotes', () => sh`${node} -e ${SHOW} 'a  b' "c  d" e' 'f ''`, ['a  b', 'c  d', 'e f', '']],
    ['quotes that hold the other kind', () => sh`${node} -e ${SHOW} "it's" 'say "x"'`, ["it's", 'say "x"']],
    ['backslashes', () => sh`${node} -e ${SHOW} a\ b \| "\$HOME \" \\ \x" '\n'`, ['a b', '|', '$HOME " \\ \\x', '\\n']],
    [
      'shell syntax in quotes is text',
      () => sh`${node} -e ${SHOW} '| > $X *' "a && b; c?"`,
      ['| > $X *', 'a && b; c?'],
    ],
    ['a value with text round it', () => sh`${node} -e ${SHOW} -- --out=${x}/y`, ['--out=a b/y']],
    ['a value in quotes', () => sh`${node} -e ${SHOW} "in ${x}" 'and ${x}'`, ['in a b', 'and a b']],
    ['a list is many words', () => sh`${node} -e ${SHOW} ${['a b', '', 'c']} end`, ['a b', '', 'c', 'end']],
    ['an empty list is none', () => sh`${node} -e ${SHOW} a ${[]} b`, ['a', 'b']],
    ['Q3: a list with text round it', () => sh`${node} -e ${SHOW} -- -I${['x', 'y z']}`, ['-Ix', '-Iy z']],
    [
      'numbers, booleans, bigints',
      () => sh`${node} -e ${SHOW} -- ${-1} ${true} ${10n} ${1.5}`,
      ['-1', 'true', '10', '1.5'],
    ],
    ['an empty text is a word', () => sh`${node} -e ${SHOW} ${''} x`, ['', 'x']],
    [
      'a line that goes on',
      () => sh`${node} -e ${SHOW} a \
        b`,
      ['a', 'b'],
    ],
    [
      'line breaks round the command',
      () => sh`
        ${node} -e ${SHOW} a
      `,
      ['a'],
    ],
    ['files', () => sh`${node} -e ${SHOW} ${{ [HANDLE]: 'files', paths: ['a b.ts', 'c.ts'] }}`, ['a b.ts', 'c.ts']],
    ['a folder', () => sh`${node} -e ${SHOW} -- --in=${{ [HANDLE]: 'dir', path: 'my dir' }}`, ['--in=my dir']],
    [
      'a lone dollar, braces, brackets',
      () => sh`${node} -e ${SHOW} 5$ {} [a] a~b a#b`,
      ['5$', '{}', '[a]', 'a~b', 'a#b'],
    ],
  ]
  test.each(table)('%s', async (_, command, words) => {
    expect(await argsOf(command())).toEqual(words)
  })

  test('Q1: every text is one word, unchanged, with and without a shell', async () => {
    const text = fc
      .oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(
          '',
          "'",
          '"',
          '$(id)',
          '`id`',
          '\\',
          '\n',
          '; exit 1',
          '*',
          '~',
          '-n',
          '👍 \u{1F468}\u200D\u{1F469}',
          '${HOME}',
          '\r\n',
          '$1',
        ),
      )
      .filter(value => !value.includes('\0'))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 12 }), async words => {
        expect(await argsOf(sh`${node} -e ${SHOW} -- ${words}`)).toEqual(words)
        expect(await argsOf(sh.shell`true && ${node} -e ${SHOW} -- ${words} | cat`)).toEqual(words)
      }),
      { numRuns: 8 },
    )
  })
})

describe('Q2, H2: what only a shell can do is refused where it is written', () => {
  const table: readonly (readonly [string, () => unknown, string])[] = [
    ['pipe', () => sh`ls | wc`, 'a pipe'],
    ['redirection', () => sh`ls > x`, 'a redirection'],
    ['input redirection', () => sh`cat < x`, 'a redirection'],
    ['error redirection', () => sh`ls 2>&1`, 'a redirection'],
    ['and', () => sh`a && b`, 'a conditional command'],
    ['or', () => sh`a || b`, 'a conditional command'],
    ['background', () => sh`a &`, 'a background command'],
    ['semicolon', () => sh`a; b`, 'a command separator'],
    ['star', () => sh`rm *.js`, 'a file pattern'],
    ['question mark', () => sh`rm ?.js`, 'a file pattern'],
    ['variable', () => sh`echo $HOME`, 'a shell variable'],
    ['variable in braces', () => sh`echo \${HOME}x $X`, 'a shell variable'],
    ['variable in double quotes', () => sh`echo "$HOME"`, 'a shell variable'],
    ['substitution', () => sh`echo $(date)`, 'a shell variable'],
    ['subshell', () => sh`(ls)`, 'a subshell'],
    ['home', () => sh`ls ~`, 'the home folder'],
    ['comment', () => sh`ls # all`, 'a comment'],
    ['assignment', () => sh`A=1 env`, 'sets a variable'],
    [
      'two lines',
      () => sh`ls
      pwd`,
      'line break',
    ],
    ['open quote', () => sh`echo 'a`, 'never closed'],
    ['list in quotes', () => sh`echo "${['a', 'b']}"`, 'list inside quotes'],
  ]
  test.each(table)('%s', (_, write, why) => {
    const refusal = caught(write)
    expect(refusal.diagnostics[0]).toMatchObject({
      code: 'SH_SHELL_SYNTAX',
      at: { file: expect.stringContaining('sh.test.ts'), line: expect.any(Number) },
      hint: expect.any(String),
    })
    expect(refusal.message).toContain(why)
  })

  const bad: readonly (readonly [string, unknown, string])[] = [
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { a: 1 }, 'an object (a)'],
    ['a function', () => 1, 'a function'],
    ['a promise', Promise.resolve('x'), 'a promise'],
    ['NaN', Number.NaN, 'NaN'],
    ['NUL', 'a\0b', 'NUL'],
    ['undefined in a list', ['a', undefined], 'at index 1'],
    ['a list in a list', [['a']], 'a list in a list'],
    ['a date', new Date(), 'an object (Date)'],
  ]
  test.each(bad)('%s is no word', (_, value, what) => {
    const refusal = caught(() => sh`echo ${value}`)
    expect(refusal.diagnostics[0]?.code).toBe('SH_BAD_VALUE')
    expect(refusal.message).toContain(what)
  })

  test('nothing to run', () => {
    expect(caught(() => sh` `).diagnostics[0]?.code).toBe('SH_EMPTY')
    expect(caught(() => sh`${[]}`).diagnostics[0]?.code).toBe('SH_EMPTY')
  })
})

describe('sh.shell', () => {
  const x = `$(touch pwned) '"; echo hi`
  const table: readonly (readonly [string, () => PromiseLike<{ readonly stdout: string }>, string])[] = [
    ['a value outside of quotes', () => sh.shell`printf %s ${x} | cat`, x],
    ['in double quotes', () => sh.shell`printf %s "a ${x} b"`, `a ${x} b`],
    ['in single quotes', () => sh.shell`printf %s 'a ${x} b'`, `a ${x} b`],
    ['inside a substitution in quotes', () => sh.shell`printf %s "$(printf %s ${x})"`, x],
    ['in a function', () => sh.shell`f() { printf %s ${x}; }; f one`, x],
    [
      'after a comment with an apostrophe',
      () => sh.shell`# don't
      printf %s ${x}`,
      x,
    ],
    [
      'more than nine values',
      () => sh.shell`printf %s, ${[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}`,
      '1,2,3,4,5,6,7,8,9,10,11,',
    ],
  ]
  test.each(table)('%s', async (_, command, stdout) => {
    expect((await command()).stdout).toBe(stdout)
  })
})

describe('a command', () => {
  test('H1: starts when it is awaited, once', async () => {
    const folder = await freshFolder()
    const command = sh`${node} -e ${`require('fs').appendFileSync('log', 'x')`}`.cwd(folder)
    expect(await sh`ls`.cwd(folder).text()).toBe('')
    await Promise.all([command, command, command.run()])
    expect(await sh`cat log`.cwd(folder).text()).toBe('x')
  })

  test('has env, input, quiet, lines, json', async () => {
    expect(await sh.shell`echo $A; cat`.env({ A: 'one', B: undefined }).input('two\nthree').quiet().lines()).toEqual([
      'one',
      'two',
      'three',
    ])
    expect(await sh`echo '{"a":1}'`.json()).toEqual({ a: 1 })
    expect((await sh`true`).lines()).toEqual([])
    expect(Object.keys(await sh`true`).sort()).toEqual(['code', 'command', 'stderr', 'stdout'])
  })

  test('finds node_modules/.bin of its folder and of those above', async () => {
    const folder = await freshFolder()
    const inner = join(folder, 'a', 'b')
    for (const [at, name] of [
      [folder, 'outer-tool'],
      [join(folder, 'a'), 'inner-tool'],
    ] as const) {
      const bin = join(at, 'node_modules', '.bin')
      await mkdir(bin, { recursive: true })
      await writeFile(join(bin, name), `#!/bin/sh\necho ${name}\n`)
      await chmod(join(bin, name), 0o755)
    }
    await mkdir(inner, { recursive: true })
    expect(await sh`outer-tool`.cwd(inner).text()).toBe('outer-tool')
    expect(await sh`inner-tool`.cwd(inner).text()).toBe('inner-tool')
  })

  test('that fails is an error with command, code and last lines', async () => {
    const error = await failure(sh.shell`echo out; echo ${'two words'} >&2; exit 3`)
    expect(error).toMatchObject({ code: 'COMMAND_FAILED', exitCode: 3, signal: undefined, lastLines: ['two words'] })
    expect(error.command).toBe("echo out; echo 'two words' >&2; exit 3")
    expect(error.message).toContain('exit code 3')
    expect((await failure(sh.shell`kill -9 $$`)).signal).toBe('SIGKILL')
    expect((await sh.shell`exit 4`.nothrow()).code).toBe(4)
  })

  test('that does not exist is COMMAND_NOT_FOUND', async () => {
    expect(await failure(sh`no-such-program-here x`)).toMatchObject({ code: 'COMMAND_NOT_FOUND', exitCode: undefined })
    expect((await failure(sh`no-such-program-here`.nothrow())).code).toBe('COMMAND_NOT_FOUND')
  })

  test('P1: out of time is stopped with its group, though it ignores SIGTERM', async () => {
    const folder = await freshFolder()
    const script = `trap '' TERM; sleep 60 & echo $! > child; echo $$ > self; wait; wait; sleep 60`
    const error = await failure(sh.shell`exec sh -c ${script}`.cwd(folder).timeout('400ms').grace('200ms'))
    expect(error.code).toBe('COMMAND_TIMEOUT')
    expect(error.message).toContain('400ms')
    for (const name of ['child', 'self']) expect(isAlive(Number(await sh`cat ${name}`.cwd(folder).text()))).toBe(false)
  })

  test('takes the background processes that it leaves with it', async () => {
    const { stdout } = await sh.shell`sleep 60 >/dev/null 2>&1 & echo $!`
    expect(isAlive(Number(stdout))).toBe(false)
  })

  test('may ignore its input', async () => {
    expect((await sh`true`.input('x'.repeat(1_000_000))).code).toBe(0)
  })

  test('keeps a bounded part of its output', async () => {
    const { stdout } = await sh`${node} -e ${`process.stdout.write('x'.repeat(40_000_000) + 'end')`}`
    expect(stdout.length).toBe(16_000_000)
    expect(stdout.endsWith('xend')).toBe(true)
  })
})

function caught(write: () => unknown): Refusal {
  try {
    write()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

async function failure(command: PromiseLike<unknown>): Promise<CommandError> {
  try {
    await command
  } catch (error) {
    if (error instanceof CommandError) return error
    throw error
  }
  throw new Error('the command did not fail')
}
