/** What versions tell code apart by: which edits change the hash of which functions of a graph. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadFile, openKept } from '../../src/cli/file.ts'
import { codeOfRunnable } from '../../src/loader/closure/versioned.ts'
import { encodeBundle, keepBundle, type KeptCode, rebuildBundle } from '../../src/loader/index.ts'
import { type Files, project } from './rig.ts'

const HEAD = `import { configure, task, effect, workflow, flow, service, source, each, tune } from 'tutti'\n`

/** `‹before|after›` is an edit of the file (or of `lib.ts`). `changed`: the names whose hash it changes. */
type Row = readonly [why: string, text: string, changed: string, lib?: string]

const W = 'export const w = workflow(() => { const x = a(); return b(x) })'
const AB = 'const a = task(() => one())\nconst b = task((x: number) => two(x))\n'
const HELPERS = 'const one = () => 1\nconst two = (x: number) => x\n'
const PURE = `const a = task(() => 1)\nexport const w = workflow(() => { const x = a(); return [x.to(v => v + 1), x.to(v => v + 2)] })`

const ROWS: readonly Row[] = [
  ['a comment in a task', `${HELPERS}const a = task(() => ‹1|/* ! */ 1›)\nconst b = task(() => 2)\n${W}`, ''],
  ['a comment at the top', `‹|// hello›\n${HELPERS}${AB}${W}`, ''],
  ['formatting', `${HELPERS}${AB.replace('=> one()', '=> ‹one()|{\n\n return one() }›')}${W}`, 'a'],
  ['blank lines', `${HELPERS}${AB}‹|\n\n›${W}`, ''],
  ['types', `${HELPERS}${AB.replace('number', '‹number|unknown›')}${W}`, ''],
  ['a task', `${HELPERS}${AB.replace('one()', 'one() ‹+|-› 1')}${W}`, 'a'],
  ['a helper', `const one = () => ‹1|2›\nconst two = (x: number) => x\n${AB}${W}`, 'a'],
  ['the other helper', `const one = () => 1\nconst two = (x: number) => x ‹|+ 1›\n${AB}${W}`, 'b'],
  [
    'a helper in a module',
    `import { one, two } from './lib.ts'\n${AB}${W}`,
    'a',
    'export const one = () => ‹1|2›, two = (x: number) => x',
  ],
  ['what nobody reaches', `${HELPERS}${AB}${W}\nexport const unused = ‹1|2›`, ''],
  [
    'a task that the graph does not name',
    `${HELPERS}${AB}const c = task(() => ‹1|2›)\n${W}\nexport const v = workflow(() => c())`,
    '',
  ],
  ['options', `${HELPERS}${AB.replace('one())', "one(), { ‹retry: 1|timeout: '1s'› })")}${W}`, ''],
  ['an effect', `const a = effect(() => ‹1|2›)\nexport const w = workflow(() => a())`, 'a'],
  ['a source', `const a = source(() => ‹1|2›)\nexport const w = workflow(() => a())`, 'a'],
  [
    'a stamp',
    `const a = source((s: number) => s, { stamp: () => ‹1|2› })\nexport const w = workflow(() => a())`,
    'a-stamp',
  ],
  [
    'a service',
    `const s = service(() => ({ url: '‹a|b›' }), { ready: () => true })\nexport const w = workflow(() => s())`,
    's',
  ],
  [
    'a probe',
    `const s = service(() => ({ url: '' }), { ready: () => ‹true|false› })\nexport const w = workflow(() => s())`,
    's.ready',
  ],
  ['the first of two .to', PURE.replace('v + 1', 'v + ‹1|3›'), 'w/x.to#0'],
  ['the second of two .to', PURE.replace('v + 2', 'v + ‹2|3›'), 'w/x.to#1'],
  ['a comment in a .to', PURE.replace('v + 2', 'v + 2 ‹|/* two */›'), ''],
  ['what a .to reaches', `const n = ‹1|2›\n${PURE.replace('v + 1', 'v + n')}`, 'w/x.to#0'],
  ['a .to by name', `const up = (v: number) => v + ‹1|2›\n${PURE.replace('v => v + 1', 'up')}`, 'w/x.to#0'],
  [
    'a .to that is made',
    `const up = (n: number) => (v: number) => v + n\n${PURE.replace('v => v + 1', 'up(‹1|2›)')}`,
    'w/x.to#0',
  ],
  [
    'a .to by a variable of the body',
    PURE.replace('return', 'const up = (v: number) => v + ‹1|2›; return').replace('v => v + 1', 'up'),
    'w/x.to#0',
  ],
  [
    'a variable of the body in a .to',
    PURE.replace('return', 'const n = ‹1|2›; return').replace('v + 1', 'v + n'),
    'w/x.to#0',
  ],
  ['another step beside a .to', PURE.replace('return', '‹|a(); ›return'), ''],
  [
    'a .to in a helper',
    `const a = task(() => 1)\nconst up = (x: any) => x.to((v: number) => v + ‹1|2›)\nexport const w = workflow(() => up(a()))`,
    'up/x.to#0',
  ],
  [
    'an argument of a helper',
    `const a = task(() => 1)\nconst up = (x: any, n: number) => x.to((v: number) => v + n)\nexport const w = workflow(() => up(a(), ‹1|2›))`,
    'up/x.to#0',
  ],
  ['a flow', `const a = task(() => 1)\nexport const w = flow(async () => { await a(); ‹|await a()› })`, 'w'],
  ['a comment in a flow', `const a = task(() => 1)\nexport const w = flow(async () => { await a() ‹|/* ! */› })`, ''],
  ['a task that a flow calls', `const a = task(() => ‹1|2›)\nexport const w = flow(async () => { await a() })`, 'a'],
  [
    'a task that no flow calls',
    `const a = task(() => 1)\nconst b = task(() => ‹1|2›)\nexport const w = flow(async () => { await a() })`,
    '',
  ],
  ['a helper of a flow', `const n = () => ‹1|2›\nexport const w = flow(async () => n())`, 'w'],
  [
    'a task of a workflow that a flow calls',
    `const a = task(() => ‹1|2›)\nconst v = workflow(() => a())\nexport const w = flow(async () => { await v() })`,
    'a',
  ],
  [
    'the body of a workflow that a flow calls',
    `const a = task(() => 1)\nconst v = workflow(() => { a(); ‹|a()› })\nexport const w = flow(async () => { await v() })`,
    'v',
  ],
  [
    'a variable around a task',
    `const make = (n: number) => task(() => n)\nconst a = make(‹1|2›)\nconst b = make(3)\n${W}`,
    'make make~2',
  ],
  [
    'what makes tasks',
    `const make = (n: number) => task(() => n ‹+|-› 1)\nconst a = make(1)\nconst b = make(3)\n${W}`,
    'make make~2',
  ],
  [
    'another step beside a task with a variable around it',
    `const make = (n: number) => task(() => n)\nconst a = make(1)\nconst b = make(3)\n${W.replace('return', '‹|a(); ›return')}`,
    '',
  ],
  [
    'a task that a body makes',
    `const make = (n: number) => task(() => n)\nexport const w = workflow(() => { make(‹1|2›)() })`,
    'make',
  ],
  [
    'a maker that a maker calls',
    `const make = (n: number) => task(() => n)\nconst twice = (n: number) => make(n + n)\nconst a = twice(‹1|2›)\nexport const w = workflow(() => a())`,
    'make',
  ],
  [
    'a tuned task',
    `const a = task(() => ‹1|2›)\nconst b = tune(a, { retry: 1 })\nexport const w = workflow(() => { a(); b() })`,
    'a a~2',
  ],
  [
    'a task that asks for unknown code',
    `const a = task(() => eval('‹1|2›'))\nexport const w = workflow(() => a())`,
    'a',
  ],

  [
    'middleware',
    `configure({ use: next => (...args) => ‹next(...args)|{ return next(...args) }› })\n${HELPERS}${AB}${W}`,
    'a b',
  ],
  [
    'a comment beside middleware',
    `configure({ use: next => (...args) => next(...args) })\n‹|// hello›\n${HELPERS}${AB}${W}`,
    '',
  ],
  [
    'a task beside middleware',
    `configure({ use: next => (...args) => next(...args) })\n${HELPERS}${AB.replace('one()', 'one() ‹+|-› 1')}${W}`,
    'a',
  ],
  [
    'a helper of middleware',
    `configure({ use: next => (...args) => (log(), next(...args)) })\nconst log = () => ‹1|2›\n${HELPERS}${AB}${W}`,
    'a b',
  ],
  [
    'a step beside middleware',
    `configure({ use: next => (...args) => next(...args) })\n${HELPERS}${AB}${W.replace('return', '‹|a(); ›return')}`,
    '',
  ],
]

const edited = (text: string, side: 0 | 1): string =>
  text.replace(/‹([^|›]*)\|([^›]*)›/g, (_, before: string, after: string) => [before, after][side]!)

async function codes(files: Files): Promise<Readonly<Record<string, string | null>>> {
  const dir = project(files)
  const file = await loadFile(join(dir, 'tutti.ts'), dir)
  return codeOfRunnable(file.runnable('w'), file.definitions)
}

const sideOf = (text: string, lib: string | undefined, side: 0 | 1): Files => ({
  'tutti.ts': HEAD + edited(text, side),
  ...(lib === undefined ? {} : { 'lib.ts': edited(lib, side) }),
})

const rows = ROWS.map(([why, text, changed, lib]) => ({ why, text, changed, lib }))

test.each(rows)('$why (K5, K6)', async ({ text, changed, lib }) => {
  const [before, after] = [await codes(sideOf(text, lib, 0)), await codes(sideOf(text, lib, 1))]
  expect(Object.keys(after)).toEqual(Object.keys(before))
  expect(Object.keys(before).filter(name => before[name] !== after[name])).toEqual(changed.split(' ').filter(Boolean))
  expect(Object.values(before)).not.toContain(null)
})

test('what is named is in the graph, or called by its flows', async () => {
  const found = await codes({
    'tutti.ts': `${HEAD}const a = task(() => 1), b = task(() => 2), c = task(() => 3), d = task(() => 4)
const inner = workflow(() => c())
const drain = flow(async () => { await b(); await inner() })
export const w = workflow(() => { const x = a(); drain(); return x.to(v => v) })
export const v = workflow(() => d())`,
  })
  expect(Object.keys(found)).toEqual(['a', 'b', 'c', 'drain', 'inner', 'w/x.to#0'])
})

test('a function that a package made counts by the code that asked for it', async () => {
  const text = (n: number) =>
    `import { made } from 'p'\n${HEAD}const a = task(made(${n}))\nexport const w = workflow(() => a())`
  const files = (n: number): Files => ({
    'tutti.ts': text(n),
    'node_modules/p/package.json': '{ "name": "p", "version": "1.0.0", "type": "module", "main": "i.js" }',
    'node_modules/p/i.js': 'export const made = n => () => n',
  })
  const [one, same, two] = [await codes(files(1)), await codes(files(1)), await codes(files(2))]
  expect(one).toEqual(same)
  expect(one).not.toEqual(two)
})

/** The modules of a bundle with comments and blank lines round every line that begins a statement at the top. */
const commented = ({ modules, ...rest }: KeptCode): KeptCode => ({
  ...rest,
  modules: Object.fromEntries(
    Object.entries(modules).map(([path, module]) => [
      path,
      module.kind === 'script'
        ? { ...module, source: module.source.replace(/^(?=(?:export |const |import |function ))/gm, '\n/* more */ ') }
        : module,
    ]),
  ),
})

const EXAMPLES = join(import.meta.dirname, '../../examples')
const examples = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(
  name =>
    /(?:^|\/)(?:tutti|patterns\/instances)\.ts$/.test(name) &&
    !name.includes('node_modules') &&
    // It gives a language, and has no workflow of its own.
    name !== 'language/tutti.ts',
)

test.each(examples)('comments in all of examples/%s change nothing, and every function has a hash (K5)', async name => {
  const path = join(EXAMPLES, name)
  const before = await loadFile(path, EXAMPLES)
  const bundle = await rebuildBundle(commented(keepBundle(before.built.bundle)))
  const after = await openKept(encodeBundle(bundle), path, { reads: [], contents: new Map() }, EXAMPLES)
  for (const workflow of before.workflows.keys()) {
    const codes = codeOfRunnable(before.runnable(workflow), before.definitions)
    expect(Object.values(codes)).not.toContain(null)
    expect(codeOfRunnable(after.runnable(workflow), after.definitions)).toEqual(codes)
  }
})

test('the same sources have the same hashes in every folder', async () => {
  const files = sideOf(
    `import { one } from './lib.ts'\nconfigure({ use: next => next })\nconst a = task(() => one())\nexport const w = workflow(() => a())`,
    'export const one = () => 1',
    0,
  )
  expect(await codes(files)).toEqual(await codes(files))
})
