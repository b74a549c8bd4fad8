/** Tasks whose code no syntax tells: never confused, never used again, and the place that makes them so. */
import { describe, expect, test } from 'vitest'
import type { Code } from '../../src/dsl/code.ts'
import { openClosure } from '../../src/loader/index.ts'
import { showPosition } from '../../src/util/diagnostic.ts'
import { codes } from './codes.ts'
import { marked } from './rig.ts'

/** `¦` stands before the variable that is blamed. `variable`: its name. */
type Row = readonly [why: string, text: string, variable: string]

const OPEN: readonly Row[] = [
  ['a parameter of a callback', `const all = ['x', 'y'].map(¦n => task(() => n))`, 'n'],
  ['a parameter of a helper', 'const make = (¦n: number) => task(() => n)\nconst a = make(1), b = make(2)', 'n'],
  ['a local of a function', 'function make() { const ¦n = 1; return task(() => n) }\nmake()', 'n'],
  ['a function of a function', 'function make() { return task(() => f()); function ¦f() {} }\nmake()', 'f'],
  ['a loop', `const all: any[] = []\nfor (const ¦n of ['x', 'y']) all.push(task(() => n))`, 'n'],
  ['a counting loop', 'const all: any[] = []\nfor (let ¦n = 0; n < 2; n++) all.push(task(() => n))', 'n'],
  [
    'a block in a loop',
    'const all: any[] = []\nlet i = 0\nwhile (i++ < 2) { const ¦n = i; all.push(task(() => n)) }',
    'n',
  ],
  ['a nested use', `['x'].map(¦n => task(() => [1].map(() => ({ n }))))`, 'n'],
  ['a default that sees outside', `['x'].map(¦n => task((m = n) => { var n = 1; return m }))`, 'n'],
  ['this', 'class T { a = task(() => ¦this.b); b = 1 }\nnew T()', 'this'],
  ['this of a static field', 'class T { static b = 1; static a = task(() => ¦this.b) }', 'this'],
  ['this of a function', 'function make(this: any) { return task(() => ¦this) }\nmake.call(1)', 'this'],
  ['arguments', 'function make() { return task(() => ¦arguments.length) }\nmake()', 'arguments'],
  [
    'new.target',
    'function Make() { return task(() => ¦new.target) }\nmake()\nfunction make() { return new (Make as any)() }',
    'new.target',
  ],
  [
    'a private name of a class in a function',
    'function make() { return class T { static #k = 1; static a = task((t: any) => ¦#k in t) } }\nmake()',
    '#k',
  ],
  [
    'a function that is passed on',
    'const step = (¦fn: any) => task(fn)\nconst made = [1].map(() => () => 1)\nstep(made[0])',
    'fn',
  ],
  ['a function made many times', 'const of = (n: number) => () => n\nfor (const n of [1, 2]) task(¦of(n))', 'of(n)'],
  [
    'a call in a function',
    'let n = 0\nconst next = () => { const k = n++; return () => k }\nconst make = () => task(¦next())\nmake()',
    'next()',
  ],
  ['a function without a syntax', `const t = [new Function('return 1')].map((¦f: any) => task(f))`, 'f'],
  ['a computed import', `const a = task((n: string) => ¦import('./' + n))`, 'import()'],
  [
    'a computed import that it reaches',
    `const get = (n: string) => ¦import('./' + n)\nconst a = task((n: string) => get(n))`,
    'import()',
  ],
  ['eval', `const a = task(() => ¦eval('1'))`, 'eval'],
  [
    'createRequire',
    `import { createRequire } from 'node:module'\nconst require = ¦createRequire(import.meta.url)\nconst a = task(() => require('./x'))`,
    'createRequire',
  ],
]

const CLOSED: readonly (readonly [why: string, text: string])[] = [
  ['a helper of which it uses nothing', 'const make = (n: number) => task(() => 1)\nmake(1); make(2)'],
  [
    'a top-level variable that a loop changes',
    'let i = 0\nconst all: any[] = []\nwhile (i++ < 2) all.push(task(() => i))',
  ],
  ['a variable of a block', '{ const n = 1; task(() => n) }'],
  ['its own this', 'function make() { return task(function (this: any) { return this }) }\nmake()'],
  ['its own arguments', 'const make = () => task(function () { return arguments })\nmake()'],
  ['this at the top', 'const a = task(() => this)'],
  ['a private name of a class at the top', 'class T { static #k = 1; static a = task((t: any) => #k in t) }'],
  ['its own class', 'const a = task(() => class { #k = 1; get() { return this.#k } })'],
  [
    'its own locals, however deep',
    'const a = task((x) => { const y = () => { const z = x; return () => [x, y, z] }; return y })',
  ],
  ['a function of the top, by name, in a helper', 'function build() {}\nconst make = () => task(build)\nmake()'],
  ['a task in the body of a flow that uses nothing of it', 'const f = flow(async (x: number) => task(() => 1))'],
  [
    'what runs a command, passed on',
    `import { execSync } from 'node:child_process'\nconst tools = { ask: () => execSync('echo 1') }\nconst { ask } = tools\nconst all = [ask]\nconst a = task(() => all[0]!())`,
  ],
  [
    'a command that it runs itself',
    `import { execSync } from 'node:child_process'\nconst ask = () => execSync('echo 1')\nconst a = task(() => ask())`,
  ],
  ['a literal dynamic import', `const a = task(() => import('node:fs'))`],
  ['a function from a package', `import { join } from 'node:path'\nconst a = task(join)`],
]

const codesOf = async (text: string): Promise<readonly Code[]> => [
  ...(await codes(`import { task, flow } from 'tutti'\n${text}\nexport {}`)).values(),
]

describe('open', () => {
  test.each(OPEN)('%s', async (_why, text, variable) => {
    const { text: plain, place } = marked(`import { task, flow } from 'tutti'\n${text}`)
    const found = await codesOf(plain.slice(plain.indexOf('\n') + 1))
    expect(found.length).toBeGreaterThan(0)
    for (const code of found) {
      const warned = openClosure('a', code)
      expect(code.kind === 'open' && [code.variable, showPosition(code.at)]).toEqual([variable, `tutti.ts:${place}`])
      expect([warned?.code, warned?.severity, warned?.at && showPosition(warned.at)]).toEqual([
        'CLOSURE_OPEN',
        'warning',
        `tutti.ts:${place}`,
      ])
    }
  })
})

describe('closed', () => {
  test.each(CLOSED)('%s', async (_why, text) => {
    for (const code of await codesOf(text)) {
      expect(code.kind).toBe('closed')
      expect(openClosure('a', code)).toBeUndefined()
    }
  })
})
