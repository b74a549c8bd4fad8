/** Every row of the table in docs/versions.md, by a change of a real workflow. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { bumpOf, difference, type Face, type Rule, RULES } from '../../src/versions/index.ts'
import { ruleFor } from '../../src/versions/rules.ts'
import { faceOfText } from './rig.ts'

const HEAD = `import { any, attempt, cancel, each, effect, ensure, env, eventually, exactlyOnce, files, flow, loop, match, net, pool, precedes, race, reachable, responds, scope, service, signal, sleep, some, task, when, workflow } from 'tutti'
import { z } from 'zod'
const a = task((x: unknown): number => 1)
const b = task((x: unknown): string => 'b')
const list = task((): number[] => [1, 2])
`

interface Example {
  /** The row: its last cell. */
  readonly row: string
  /** What differs between before and after: marked as ‹before¦after› in a file. */
  readonly text: string
  /** Applied to the faces, where no small file makes the difference. */
  readonly change?: (face: Face) => Face
  /** Rows that speak of what else is different because of it. */
  readonly also?: readonly string[]
}

const w = (body: string, head = ''): string => `${head}\nexport const w = workflow(${body})\n`

const EXAMPLES: readonly Example[] = [
  { row: 'parameter.added: required', text: w('{ x: z.string()‹¦, y: z.string()› }, ({ x }) => a(x)') },
  { row: 'parameter.added: optional', text: w("{ x: z.string()‹¦, y: z.string().default('b')› }, ({ x }) => a(x)") },
  { row: 'parameter.removed', text: w('{ x: z.string()‹, y: z.string()¦› }, ({ x }) => a(x)') },
  { row: 'parameter.changed: widened', text: w("{ x: z.enum(['b', 'c'‹¦, 'd'›]) }, ({ x }) => a(x)") },
  { row: 'parameter.changed: narrowed, changed', text: w('{ x: z.number()‹¦.min(3)› }, ({ x }) => a(x)') },
  { row: 'parameter.changed: narrowed, changed', text: w('{ x: z.‹number¦string›() }, ({ x }) => a(x)') },
  {
    row: 'parameter.changed: required',
    text: w("{ x: z.string()‹.default('b')¦› }, ({ x }) => a(x)"),
    also: ['parameter.changed: default'],
  },
  { row: 'parameter.changed: optional', text: w('{ x: z.string()‹¦.optional()› }, ({ x }) => a(x)') },
  { row: 'parameter.changed: default', text: w("{ x: z.string().default('‹b¦c›') }, ({ x }) => a(x)") },
  { row: 'result.added', text: w('() => { const l = a(1); const m = b(1); return { l‹¦, m› } }') },
  {
    row: 'result.added',
    text: w('() => ({ l: c(1) })', 'const c = task((x: number): { l: number‹¦; m?: string› }[] => [])'),
    also: ['signature.changed: extended'],
  },
  { row: 'result.removed', text: w('() => { const l = a(1); const m = b(1); return { l‹, m¦› } }') },
  {
    row: 'result.changed: narrowed',
    text: w('() => ({ l: c(1) })', 'const c = task((x: number): string‹ | number¦› => "x")'),
    also: ['signature.changed: narrowed, changed'],
  },
  {
    row: 'result.changed: widened, changed',
    text: w('() => ({ l: c(1) })', 'const c = task((x: number): string‹¦ | number› => "x")'),
    also: ['signature.changed: widened'],
  },
  {
    row: 'signal.added',
    text: w('() => { a(1)‹¦; go.wait()› }', 'const go = signal(z.number())'),
    also: ['step.added'],
  },
  {
    row: 'signal.removed',
    text: w('() => { a(1)‹; go.wait()¦› }', 'const go = signal(z.number())'),
    also: ['step.removed'],
  },
  {
    row: 'signal.changed: widened',
    text: w('() => { go.wait() }', 'const go = signal(z.‹literal(1)¦number()›)'),
    also: ['step.changed'],
  },
  {
    row: 'signal.changed: narrowed, changed',
    text: w('() => { go.wait() }', 'const go = signal(z.number()‹¦.max(3)›)'),
    also: ['step.changed'],
  },
  {
    row: 'signal.changed: kept',
    text: w('() => { go.wait() }', "const go = signal(z.number(), { early: '‹transient¦kept›' })"),
    also: ['step.changed'],
  },
  {
    row: 'signal.changed: transient',
    text: w('() => { go.wait() }', "const go = signal(z.number(), { early: '‹kept¦transient›' })"),
    also: ['step.changed'],
  },
  { row: 'step.added', text: w('() => { a(1)‹¦; b(2)› }') },
  { row: 'step.removed', text: w('() => { a(1)‹; b(2)¦› }') },
  { row: 'step.renamed: id', text: w('() => { const ‹l¦m› = a(1); b(‹l¦m›) }') },
  { row: 'step.renamed: content, declared', text: w('() => { ‹c¦d›(1) }', 'const ‹c¦d› = task((x: number) => x + 1)') },
  { row: 'step.moved', text: w('() => { const l = a(1); ‹b(1)¦scope(() => { b(1) })› }'), also: ['step.added'] },
  { row: 'step.changed: kind', text: w('() => { c(1) }', 'const c = ‹task¦effect›((x: number) => x)') },
  { row: 'step.changed: key, batch', text: w('() => { each(list(), x => a(x)‹¦, { key: x => x }›) }') },
  {
    row: 'step.changed: places, start, end, transitions',
    text: w(
      "() => { net({ start: 'i', end: 'o', transitions: { t: { from: 'i', to: ['o'‹¦, 'i'›], run: () => a(1) } } }) }",
    ),
  },
  {
    row: 'step.changed',
    text: w(
      "() => { net({ start: 'i', end: 'o', init: 1, transitions: { t: { from: 'i', to: 'o', if: () => ‹true¦false› } } }) }",
    ),
  },
  {
    row: 'step.changed: policy.cache, policy.inputs, policy.pool, policy.priority, executor, concurrency, service',
    text: w('() => { c(1) }', 'const c = task((x: number) => x, { priority: ‹1¦2› })'),
  },
  {
    row: 'step.changed: policy.cache, policy.inputs, policy.pool, policy.priority, executor, concurrency, service',
    text: w('() => { each(list(), x => a(x), { concurrency: ‹1¦2› }) }'),
  },
  {
    row: 'step.changed: workflow',
    text: w('() => { c() }', 'const c = workflow(() => a(1))'),
    change: face => JSON.parse(JSON.stringify(face).replace('"workflow":"c"', '"workflow":"d"')) as Face,
  },
  { row: 'step.changed', text: w('() => { c(1) }', 'const c = task((x: number) => x, { retry: ‹1¦2› })') },
  { row: 'step.changed', text: w('() => { a(‹1¦2›) }') },
  {
    row: 'step.changed',
    text: w('{ x: z.number() }, ({ x }) => { when(x.to(y => y > 1), () => a(1)‹¦, () => b(1)›) }'),
    also: ['step.added'],
  },
  { row: 'edge.added', text: w('() => { const l = a(1); b(2)‹¦.after(l)› }') },
  { row: 'edge.removed', text: w('() => { const l = a(1); b(2)‹.after(l)¦› }') },
  { row: 'code.changed', text: w('() => { c(1) }', 'const c = task((x: number) => x + ‹1¦2›)') },
  { row: 'code.changed', text: w('() => a(1).to(x => x + ‹1¦2›)') },
  {
    row: 'signature.changed: declared',
    text: w('() => { c(1) }', 'const c = task((x: string)‹¦: number› => JSON.parse(x))'),
  },
  {
    row: 'signature.changed: parameters',
    text: w('() => { c(1) }', 'const c = task((x: number‹¦ | string›) => 1)'),
  },
  {
    row: 'signature.changed: extended',
    text: w('() => { c(1) }', 'const c = task((x: number): { l: number‹¦; m?: string› }[] => [])'),
  },
  {
    row: 'signature.changed: widened',
    text: w('() => { c(1) }', "const c = task((x: number): string‹¦ | number› => 'x')"),
  },
  {
    row: 'signature.changed: narrowed, changed',
    text: w('() => { c(1) }', "const c = task((x: number): string‹ | number¦› => 'x')"),
  },
  {
    row: 'package.changed',
    text: w('() => { a(1) }'),
    change: face => ({ ...face, packages: [{ name: 'zod', version: '9.9.9' }] }),
  },
  {
    row: 'workflow.changed: name, parameters',
    text: w('{ ‹x: z.string(), y: z.string()¦y: z.string(), x: z.string()› }, ({ x, y }) => { a(x); b(y) }'),
  },
  {
    row: 'workflow.changed: properties',
    text: w('() => { a(1); b(1); ensure(‹precedes¦responds›(a, b), reachable(a)) }'),
  },
  {
    row: 'workflow.changed: properties',
    text: `${w('() => { a(1); b(1) }')}ensure(w, reachable(a)‹¦, eventually(b)›)\n`,
  },
  {
    row: 'step.changed: properties',
    text: w('() => { scope(() => { const x = a(1); ensure(‹eventually¦exactlyOnce›(x)) }) }'),
  },
  { row: 'workflow.changed', text: w("() => { a(1) }, { onFailure: '‹stop¦finish›' }") },
]

const side = (text: string, which: 1 | 2): string =>
  HEAD + text.replaceAll(/‹([^¦›]*)¦([^›]*)›/g, (_, before: string, after: string) => (which === 1 ? before : after))

const rowOf = ({ kind, which }: Rule): string => (which ? `${kind}: ${which.join(', ')}` : kind)

/** Nothing but this, and what the example says follows from it. */
test.each(EXAMPLES)('$row: $text', async ({ row, text, change, also = [] }) => {
  const before = await faceOfText(side(text, 1), 'w')
  const made = await faceOfText(side(text, 2), 'w')
  const changes = difference(before, change ? change(made) : made)
  expect(new Set(changes.map(each => rowOf(ruleFor(each))))).toEqual(new Set([row, ...also]))
  const rule = RULES.find(each => rowOf(each) === row)
  expect(bumpOf(changes).reasons.some(({ bump }) => bump === rule?.bump)).toBe(true)
})

describe('the table', () => {
  const docs = readFileSync(new URL('../../docs/versions.md', import.meta.url), 'utf8')
  const section = docs.slice(docs.indexOf('## How the number is found'), docs.indexOf('## Rewinding'))
  const rows = section
    .split('\n')
    .filter(line => line.startsWith('| ') && !line.startsWith('| ---'))
    .slice(1)
    .map(line => line.slice(2, -2).split(' | '))

  test('of the docs is that of the code', () => {
    const plain = rows.map(([what, bump, why, words]) => [what, bump, why, words?.replaceAll('`', '')])
    expect(plain).toEqual(RULES.map(rule => [rule.what, rule.bump, rule.why, rowOf(rule)]))
  })

  test('has an example a row', () => {
    expect(new Set(EXAMPLES.map(({ row }) => row))).toEqual(new Set(RULES.map(rowOf)))
  })
})

test('a property of a step that was renamed is the same one, in whatever order they are said', async () => {
  const text = w(
    '() => { const x = ‹a¦c›(1); const y = b(x); ensure(‹precedes(x, y), eventually(y)¦eventually(y), precedes(x, y)›) }',
    'const ‹a2¦c› = task((x: unknown): number => 1)',
  )
  const changes = difference(await faceOfText(side(text, 1), 'w'), await faceOfText(side(text, 2), 'w'))
  expect(changes.filter(({ kind }) => kind === 'workflow.changed')).toEqual([])
})
