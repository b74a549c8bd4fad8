/** What counts as a task's code: which edits change the hash of which tasks, and which never do. */
import { describe, expect, test } from 'vitest'
import { codes, keyOf } from './codes.ts'
import type { Files } from './rig.ts'

/** `‹before|after›` is an edit. `changed`: the tasks whose hash it changes, of all that the file defines. */
type Row = readonly [why: string, files: string | Readonly<Record<string, string>>, changed: string]

const A = 'export const a = task(() => x)\n'
const AB = `${A}export const b = task(() => 2)\n`

const EDITS: readonly Row[] = [
  ['one task', 'export const a = task(() => ‹1|2›)\nexport const b = task(() => 3)', 'a'],
  ['one of two in one declaration', 'export const a = task(() => ‹1|2›), b = task(() => 3)', 'a'],
  ['a comment', 'export const a = task(() => ‹1|/* one */ 1 // !\n›)', ''],
  ['a comment at the top', '‹|// hello\n/* more */›export const a = task(() => 1)', ''],
  ['formatting', 'export const a = task(async (x) => ‹{ return x }|{\n\n  return   x;\n}›)', ''],
  ['parentheses', 'export const a = task((x) => ‹x + 1|((x) + (1))›)', ''],
  ['a trailing comma', 'export const a = task((x, y) => [x, y‹|,›])', ''],
  ['quotes', `export const a = task(() => ‹'x'|"x"›)`, ''],
  ['digits', 'export const a = task(() => ‹1000|1_000›)', ''],
  ['semicolons', 'export const a = task(() => { const x = 1‹|;›\n return x‹|;› })‹|;›', ''],
  ['empty statements', 'export const a = task(() => { ‹|;;›return 1 })', ''],
  ['line ends', 'export const a = task(() => {‹\n|\r\n›return 1 })', ''],
  ['types', 'export const a = task((x‹: string|: number›) => x‹ as string| as unknown›)', ''],
  ['annotations of all kinds', 'export const a = task(‹(x) => x|<T,>(x?: T): T => x! satisfies T›)', ''],
  ['the type of this', 'export const a = task(function (‹|this: unknown›) { return 1 })', ''],
  ['an interface', '‹|interface X { a: 1 }\ntype Y = X\n›export const a = task(() => 1)', ''],
  ['a type import', `‹|import type { Stats } from 'node:fs'\n›export const a = task(() => 1)`, ''],
  ['a name of a task', 'export const ‹a|z› = task(() => 1)', 'a z'],
  ['the name of a local variable', 'export const a = task(() => { const ‹x|y› = 1 })', 'a'],
  ['options', 'export const a = task(() => 1, { ‹retry: 1|timeout: "3s"› })', ''],
  ['async', 'export const a = task(‹|async ›() => 1)', 'a'],
  ['an operator', 'export const a = task((x) => x ‹+|-› 1)', 'a'],
  ['optional chaining', 'export const a = task((x) => x‹.|?.›y)', 'a'],
  ['the reach of a chain', 'export const a = task((x) => ‹x?.y.z|(x?.y).z›)', 'a'],
  ['a regular expression', 'export const a = task((x) => /a‹b|c›/g.test(x))', 'a'],
  ['its flags', 'export const a = task((x) => /a/‹g|i›.test(x))', 'a'],
  ['a template', 'export const a = task((x) => `a‹|b›${x}`)', 'a'],
  ['a raw template', 'export const a = task(() => String.raw`‹\\n|\n›`)', 'a'],
  ['an escape', `export const a = task(() => ‹'\\u0061'|'a'›)`, ''],
  ['a bigint', 'export const a = task(() => 1‹|n›)', 'a'],
  ['a directive', `export const a = task(function () { ‹|'use strict'›\n return 1 })`, 'a'],
  ['a label', 'export const a = task(() => { ‹out|x›: for (;;) break ‹out|x› })', 'a'],
  ['a hole', 'export const a = task(() => [1, ‹|,›2])', 'a'],
  ['a command', 'export const a = task(() => sh`echo ‹a|b›`)\nexport const b = task(() => sh`echo a`)', 'a'],

  ['a constant', `const x = ‹1|2›\n${AB}`, 'a'],
  ['a function', `function x() { return ‹1|2› }\n${AB}`, 'a'],
  ['a class', `class x { run() { return ‹1|2› } }\n${AB}`, 'a'],
  ['a private name', `class x { #k = 1; run() { return this.#k ‹+|-› 1 } }\n${AB}`, 'a'],
  ['an enum', `enum x { one = ‹1|2› }\n${AB}`, 'a'],
  ['a namespace', `namespace x { export const one = ‹1|2› }\n${AB}`, 'a'],
  ['a destructured name', `const { x, y } = { x: ‹1|2›, y: 2 }\n${AB}`, 'a'],
  ['a default in a pattern', `const { x = ‹1|2› } = {} as { x?: number }\n${AB}`, 'a'],
  ['a constant that another needs', `const y = ‹1|2›\nconst x = [y]\n${AB}`, 'a'],
  ['a function that another calls', `const y = () => ‹1|2›\nfunction x() { return y() }\n${AB}`, 'a'],
  ['functions that call each other', `function y() { return x() }\nfunction x() { return ‹1|2› + y() }\n${AB}`, 'a'],
  ['what stands below', `${AB}const x = ‹1|2›`, 'a'],
  ['what nobody needs', `const z = ‹1|2›\nconst x = 1\n${AB}`, ''],
  ['a type that is lowered away', `enum E { A = ‹1|2› }\nconst x = 1\n${AB}`, ''],
  ['another task that it names', `export const a = task(() => b.name)\nexport const b = task(() => ‹1|2›)`, 'a b'],
  ['a workflow', `const x = 1\n${AB}export const w = workflow(() => { a(); ‹|b()› })`, ''],
  ['a flow', `const x = 1\n${AB}export const w = flow(async () => { await a(); ‹|await b()› })`, ''],
  [
    'order of declarations',
    `‹const y = 1\nconst x = 2|const x = 2\nconst y = 1›\nexport const a = task(() => x + y)`,
    '',
  ],

  ['a parameter that shadows', `const x = ‹1|2›\nexport const a = task((x) => x)\nexport const b = task(() => x)`, 'b'],
  ['a local that shadows', `const x = ‹1|2›\nexport const a = task(() => { const x = 3; return x })`, ''],
  ['a hoisted local', `const x = ‹1|2›\nexport const a = task(() => { if (x) { var x = 1 } })`, ''],
  ['a hoisted function', `const x = ‹1|2›\nexport const a = task(() => { return x(); function x() {} })`, ''],
  ['a block that shadows in part', `const x = ‹1|2›\nexport const a = task(() => { { let x = 1 } return x })`, 'a'],
  [
    'a switch that shadows in part',
    `const x = ‹1|2›\nexport const a = task(() => { switch (x as number) { case 1: let x = 3; return x } })`,
    'a',
  ],
  [
    'a switch that shadows',
    `const x = ‹1|2›\nexport const a = task((y) => { switch (y) { case 1: let x = 3; return x } })`,
    '',
  ],
  ['a catch that shadows', `const x = ‹1|2›\nexport const a = task(() => { try {} catch (x) { return x } })`, ''],
  ['a default that sees outside', `const x = ‹1|2›\nexport const a = task((y = x) => { var x = 3; return y })`, 'a'],
  ['a default in a pattern of a parameter', `const x = ‹1|2›\nexport const a = task(({ y = x }) => y)`, 'a'],
  ['a key is no name', `const x = ‹1|2›\nexport const a = task((o) => o.x + { x: 1 }.x)`, ''],
  ['a computed key is', `const x = ‹1|2›\nexport const a = task((o) => o[x])`, 'a'],
  ['a label is no name', `const x = ‹1|2›\nexport const a = task(() => { x: for (;;) break x })`, ''],
  ['a shorthand is', `const x = ‹1|2›\nexport const a = task(() => ({ x }))`, 'a'],
  ['a shorthand written out', `const x = 1\nexport const a = task(() => ({ ‹x|x: x› }))`, ''],
  ['a type is no name', `const x = ‹1|2›\nexport const a = task((y: typeof x) => y)`, ''],
  ['a named function expression', `const x = ‹1|2›\nexport const a = task(function x() { return x })`, ''],

  ['Object.assign', `const x = { k: 1 }\nObject.assign(x, { k: ‹1|2› })\n${AB}`, 'a'],
  ['a property that is set', `const x: any = {}\nx.k = ‹1|2›\n${AB}`, 'a'],
  ['an item that is pushed', `const x: any[] = []\nx.push(‹1|2›)\n${AB}`, 'a'],
  ['an assignment', `let x = 1\nx = ‹1|2›\n${AB}`, 'a'],
  ['an assignment in a function', `let x = 1\nfunction up() { x += ‹1|2› }\nup()\n${AB}`, 'a'],
  ['a call of it', `let x = 1\nfunction up() { x += 1 }\nup()‹|;up()›\n${AB}`, 'a'],
  [
    'a call through another',
    `const x: any[] = []\nconst add = (v: any) => { x.push(v) }\nconst both = () => add(1)\n‹|both()›\n${AB}`,
    'a',
  ],
  ['an alias', `const x: any = {}\nconst y = x\ny.k = ‹1|2›\n${AB}`, 'a'],
  ['a loop', `const x: any = {}\nfor (const k of ['a'‹|, 'b'›]) x[k] = k\n${AB}`, 'a'],
  ['a callback', `const x: any = {}\n;['a'‹|, 'b'›].forEach(k => { x[k] = k })\n${AB}`, 'a'],
  ['a deletion', `const x: any = { k: 1 }\n‹|delete x.k›\n${AB}`, 'a'],
  ['a destructuring assignment', `let x: any = 1\n;[x] = [‹1|2›]\n${AB}`, 'a'],
  ['the order of changes', `const x: any = {}\n‹x.k = 1\nx.k = 2|x.k = 2\nx.k = 1›\n${AB}`, 'a'],
  ['a change of something else', `const x: any = {}\nconst y: any = {}\ny.k = ‹1|2›\n${AB}`, ''],
  ['a property of a function', `function x() {}\nx.k = ‹1|2›\n${AB}`, 'a'],
  ['a static field', `class x { static k = ‹1|2› }\n${AB}`, 'a'],
  ['a static block', `class x { static k: any; static { x.k = ‹1|2› } }\n${AB}`, 'a'],
  ['a body that writes', `const x: any[] = []\n${AB}export const w = workflow(() => { x.push(‹1|2›); a() })`, 'a'],
  ['a body that only reads', `const x = ['p']\n${AB}export const w = workflow(() => { x.map(() => a()); ‹|b()› })`, ''],
  ['a cache that another task fills', `const x = new Map()\n${A}export const b = task(() => x.set('k', ‹1|2›))`, 'a b'],
  [
    'a getter that changes something',
    `const x: any = {}\nconst o = { get k() { x.k = 1; return 1 } }\n‹|const y = o.k›\n${AB}`,
    'a',
  ],
  [
    'a conversion that changes something',
    `const x: any = {}\nconst o = { toString() { x.k = 1; return '' } }\n‹|const y = '' + o›\n${AB}`,
    'a',
  ],
  ['a var in a block', `if (true) { var x = ‹1|2› }\n${AB}`, 'a'],
  ['the environment that is set', `process.env.TUTTI_TEST_SET = ‹'1'|'2'›\n${AB.replace('=> x', '=> 1')}`, 'a b'],
  ['a global', `(globalThis as any).k = ‹1|2›\n${AB.replace('=> x', '=> 1')}`, 'a b'],
  [
    'definitions do not change what they take',
    `const x = { k: 1 }\n${A}const n = signal()\nexport const b = task(() => x.k, { retry: ‹1|2› })`,
    '',
  ],

  [
    'a function by name',
    `function build() { return ‹1|2› }\nexport const a = task(build)\nexport const b = task(() => 1)`,
    'a',
  ],
  ['an arrow by name', `const build = () => ‹1|2›\nexport const a = task(build)`, 'a'],
  ['a bound function', `function build(n: number) { return n }\nexport const a = task(build.bind(null, ‹1|2›))`, 'a'],
  [
    'a made function',
    `const make = (n: number) => () => n\nexport const a = task(make(‹1|2›))\nexport const b = task(make(3))`,
    'a',
  ],
  [
    'the maker',
    `const make = (n: number) => () => n ‹+|-› 1\nexport const a = task(make(1))\nexport const b = task(() => 1)`,
    'a',
  ],
  ['a method', `const o = { run: () => ‹1|2› }\nexport const a = task(o.run)`, 'a'],
  [
    'a wrapped function',
    `const wrap = (f: any) => () => f()\nexport const a = task(wrap(() => ‹1|2›))\nexport const b = task(wrap(() => 1))`,
    'a',
  ],
  [
    'a helper that defines',
    `const step = (f: any) => task(f)\nexport const a = step(() => ‹1|2›)\nexport const b = step(() => 3)`,
    'step',
  ],
  ['functions in an array', `const [p, q] = [() => ‹1|2›, () => 3].map(f => task(f))\nexport const a = p, b = q`, 'a'],
  [
    'a task in a function that uses none of its variables',
    `const make = (n: number) => task(() => ‹1|2›)\nexport const a = make(1)`,
    'make',
  ],
  ['tasks in an object', `export const o = { a: task(() => ‹1|2›), b: task(() => 3) }`, 'a'],
  ['a task in a class', `export class T { static a = task(() => ‹1|2›); static b = task(() => 3) }`, 'a'],
  [
    'a variable of a block',
    `const o: any = {}\n{ const x = ‹1|2›; o.made = task(() => x) }\nexport const b = task(() => 1)`,
    'made',
  ],
  ['a tuned task', `const x = ‹1|2›\nconst t = task(() => x)\nexport const a = tune(t, { retry: 1 })`, 't t~2'],
  ['a cast', `export const a = task((() => ‹1|2›) as () => number)`, 'a'],
  ['a condition', `const p = () => ‹1|2›\nconst q = () => 3\nexport const a = task(Math.PI > 3 ? p : q)`, 'a'],
  ['a generator', `function* g() { yield ‹1|2› }\nexport const a = task(() => [...g()])`, 'a'],
  ['a top-level await', `const x = await Promise.resolve(‹1|2›)\n${AB}`, 'a'],
  ['a default export', `export default task(() => ‹1|2›)\nexport const b = task(() => 1)`, 'default'],

  ['an import', { 'tutti.ts': `import { x } from './l.ts'\n${AB}`, 'l.ts': 'export const x = ‹1|2›, y = 1' }, 'a'],
  [
    'a value with the name of an import, which is a type',
    { 'tutti.ts': `import { x } from './l.ts'\nconst x = ‹1|2›\n${AB}`, 'l.ts': 'export const x = 1' },
    'a',
  ],
  [
    'another export of it',
    { 'tutti.ts': `import { x } from './l.ts'\n${AB}`, 'l.ts': 'export const x = 1, y = ‹1|2›' },
    '',
  ],
  [
    'what an import needs',
    { 'tutti.ts': `import { x } from './l.ts'\n${AB}`, 'l.ts': 'const y = ‹1|2›\nexport const x = () => y' },
    'a',
  ],
  ['a default import', { 'tutti.ts': `import x from './l.ts'\n${AB}`, 'l.ts': 'export default () => ‹1|2›' }, 'a'],
  [
    'a namespace import',
    {
      'tutti.ts': `import * as l from './l.ts'\nexport const a = task(() => l.x)\nexport const b = task(() => l.y)`,
      'l.ts': 'export const x = ‹1|2›, y = 1',
    },
    'a',
  ],
  [
    'a namespace as a whole',
    {
      'tutti.ts': `import * as l from './l.ts'\nexport const a = task(() => Object.keys(l))`,
      'l.ts': 'export const x = ‹1|2›, y = 1',
    },
    'a',
  ],
  [
    'a namespace of a barrel as a whole',
    {
      'tutti.ts': `import * as l from './i.ts'\nexport const a = task(() => Object.keys(l))`,
      'i.ts': `export * from './l.ts'`,
      'l.ts': 'export const x = ‹1|2›',
    },
    'a',
  ],
  [
    'a re-export',
    {
      'tutti.ts': `import { x } from './i.ts'\n${AB}`,
      'i.ts': `export { z as x } from './l.ts'`,
      'l.ts': 'export const z = ‹1|2›',
    },
    'a',
  ],
  [
    'what is re-exported',
    {
      'tutti.ts': `import { x } from './i.ts'\n${AB}`,
      'i.ts': `export { ‹y|z› as x } from './l.ts'`,
      'l.ts': 'export const { y, z } = { y: 1, z: 2 }',
    },
    'a',
  ],
  [
    'export *',
    {
      'tutti.ts': `import { x } from './i.ts'\n${AB}`,
      'i.ts': `export * from './k.ts'\nexport * from './l.ts'`,
      'k.ts': 'export const w = 1',
      'l.ts': 'export const x = ‹1|2›',
    },
    'a',
  ],
  [
    'export * as',
    {
      'tutti.ts': `import { n } from './i.ts'\nexport const a = task(() => n.x)`,
      'i.ts': `export * as n from './l.ts'`,
      'l.ts': 'export const x = ‹1|2›',
    },
    'a',
  ],
  [
    'an export under another name',
    { 'tutti.ts': `import { x } from './l.ts'\n${AB}`, 'l.ts': 'const p = 1, q = 2\nexport { ‹p|q› as x }' },
    'a',
  ],
  [
    'imports that change places',
    {
      'tutti.ts': `import { ‹x, y|x as y, y as x› } from './l.ts'\nexport const a = task(() => [x, y])`,
      'l.ts': 'export const x = 1, y = 2',
    },
    'a',
  ],
  [
    'a cycle',
    {
      'tutti.ts': `import { x } from './l.ts'\nexport const y = () => ‹1|2›\n${A}`,
      'l.ts': `import { y } from './tutti.ts'\nexport const x = () => y()`,
    },
    'a',
  ],
  [
    'a dynamic import',
    {
      'tutti.ts': `export const a = task(() => import('./l.ts'))\nexport const b = task(() => 1)`,
      'l.ts': 'export const x = ‹1|2›',
    },
    'a',
  ],
  ['JSON', { 'tutti.ts': `import x from './d.json'\n${AB}`, 'd.json': '{"k":‹1|2›}' }, 'a'],
  ['JSON that is changed', { 'tutti.ts': `import x from './d.json'\nx.k = ‹1|2›\n${AB}`, 'd.json': '{"k":1}' }, 'a'],
  [
    'JSON that a function changes',
    {
      'tutti.ts': `import x from './d.json'\nconst set = (o: any) => { o.k = ‹1|2› }\nset(x)\n${AB}`,
      'd.json': '{"k":1}',
    },
    'a',
  ],
  [
    'what a package keeps',
    {
      ...pkg('zed', '1.0.0', 'export const x = {}, set = () => {}'),
      'tutti.ts': `import { set } from 'zed'\n;(set as any)(‹1|2›)\n${AB.replace('=> x', '=> 1')}`,
    },
    'a b',
  ],
  [
    'a value of a package',
    {
      ...pkg('zed', '1.0.0', 'export const x = 1, make = n => n'),
      'tutti.ts': `import { x, make } from 'zed'\nconst y = make(‹1|2›)\nconst all: any[] = []\nall.push(y)\n${AB}`,
    },
    '',
  ],
  ['the formatting of JSON', { 'tutti.ts': `import x from './d.json'\n${AB}`, 'd.json': '{"k":‹| ›1}' }, ''],
  ['CommonJS', { 'tutti.ts': `import x from './c.cjs'\n${AB}`, 'c.cjs': 'module.exports = ‹1|2›' }, 'a'],
  [
    'what CommonJS requires',
    {
      'tutti.ts': `import x from './c.cjs'\n${AB}`,
      'c.cjs': `module.exports = require('./d')`,
      'd.js': 'module.exports = ‹1|2›',
    },
    'a',
  ],
  [
    'an import for what it does',
    { 'tutti.ts': `import './l.ts'\n${AB.replace('=> x', '=> 1')}`, 'l.ts': 'const l: any = {}\nl.k = ‹1|2›' },
    'a b',
  ],
  [
    'the same below',
    {
      'tutti.ts': `import { x } from './l.ts'\n${AB}`,
      'l.ts': `import './m.ts'\nexport const x = 1`,
      'm.ts': 'console.log.name; [].concat(‹1|2› as never)',
    },
    'a',
  ],
  [
    'a change from outside',
    { 'tutti.ts': `import { x } from './l.ts'\nx.k = ‹1|2›\n${AB}`, 'l.ts': 'export const x: any = {}' },
    'a',
  ],
  [
    'the order of modules that change it',
    {
      'tutti.ts': `‹import './p.ts'\nimport './q.ts'|import './q.ts'\nimport './p.ts'›\nimport { x } from './l.ts'\n${A}`,
      'l.ts': 'export const x: any = {}',
      'p.ts': `import { x } from './l.ts'\nx.k = 1`,
      'q.ts': `import { x } from './l.ts'\nx.k = 2`,
    },
    'a',
  ],
  [
    'a task of an import',
    {
      'tutti.ts': `import { t } from './l.ts'\nexport const b = task(() => 1)\nexport const w = workflow(() => t())`,
      'l.ts': `import { task } from 'tutti'\nconst k = ‹1|2›\nexport const t = task(() => k)`,
    },
    't',
  ],
  ['a part of Node', `import { join‹|, resolve› } from 'node:path'\nexport const a = task(() => join('a'))`, ''],
  ['another part of Node', `import { ‹join|resolve› as x } from 'node:path'\n${AB}`, 'a'],
  ['a package', { ...pkg('zed', '‹1.0.0|1.0.1›'), 'tutti.ts': `import { x } from 'zed'\n${AB}` }, 'a'],
  [
    'a package below',
    {
      ...pkg('zed', '‹1.0.0|1.0.1›'),
      'tutti.ts': `import { x } from './l.ts'\n${AB}`,
      'l.ts': `import { x as y } from 'zed'\nexport const x = () => y`,
    },
    'a',
  ],
  [
    'what is taken from a package',
    { ...pkg('zed', '1.0.0'), 'tutti.ts': `import { ‹x|y› as x } from 'zed'\n${AB}` },
    'a',
  ],
  [
    'the text of a package',
    { ...pkg('zed', '1.0.0', 'export const x = ‹1|2›'), 'tutti.ts': `import { x } from 'zed'\n${AB}` },
    '',
  ],
  [
    'the text of a package that is a copy of a folder',
    {
      ...pkg('zed', '1.0.0', 'export const x = ‹1|2›'),
      'package.json': '{"dependencies":{"zed":"file:../zed"}}',
      'tutti.ts': `import { x } from 'zed'\n${AB}`,
    },
    'a',
  ],
]

function pkg(name: string, version: string, text = 'export const x = 1, y = 2'): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: `{"name":"${name}","version":"${version}","type":"module","exports":"./i.js"}`,
    [`node_modules/${name}/i.js`]: text,
  }
}

const side = (text: string, index: 0 | 1): string =>
  text.replace(/‹([^‹›|]*)\|([^‹›]*)›/g, (_, before: string, after: string) => (index === 0 ? before : after))

const filesOf = (files: Row[1], index: 0 | 1): Files =>
  Object.fromEntries(
    Object.entries(typeof files === 'string' ? { 'tutti.ts': files } : files).map(([name, text]) => [
      name,
      side(text, index),
    ]),
  )

describe('K1, K2, K3: an edit changes the hashes of what reaches it', () => {
  test.each(EDITS)('%s', async (_why, files, changed) => {
    const [before, after] = [await codes(filesOf(files, 0)), await codes(filesOf(files, 1))]
    const all = [...new Set([...before.keys(), ...after.keys()])]
    const different = all.filter(name => keyOf(before.get(name)) !== keyOf(after.get(name)))
    expect(different.sort().join(' ')).toBe(changed.split(' ').sort().join(' '))
    expect([...before.values()].filter(({ kind }) => kind === 'open')).toEqual([])
  })
})
