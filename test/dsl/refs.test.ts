/** Every way to test or coerce a ref in a traced body is refused at its place; what only passes it on is free. */
import { describe, expect, test } from 'vitest'
import * as tutti from '../../src/dsl/index.ts'
import { definitionOf } from '../../src/dsl/definition.ts'
import { traceWorkflow } from '../../src/dsl/workflow.ts'
import { brief, graphOf, HEAD, marked, refusal } from './rig.ts'

/**
 * Statements over a ref `r` and a record `o` that holds one; `¦` stands where the refusal points.
 * 'unseen': JavaScript itself tells nobody, so only a loaded file is guarded.
 */
const FORMS: readonly (readonly [code: string, without: 'seen' | 'unseen'])[] = [
  ['if (¦r) 1', 'unseen'],
  ['if (¦r.deep.field) 1', 'unseen'],
  ['if (!¦r) 1', 'unseen'],
  ['¦r ? 1 : 2', 'unseen'],
  ['¦r && 1', 'unseen'],
  ['¦r || 1', 'unseen'],
  ['¦r ?? 1', 'unseen'],
  ['let v = r; ¦v &&= 1', 'unseen'],
  ['let v = r; ¦v ||= 1', 'unseen'],
  ['let v = r; ¦v ??= 1', 'unseen'],
  ['¦r.x ||= 1', 'unseen'],
  ['while (¦r) break', 'unseen'],
  ['do { if (o.once) break; o.once = true } while (¦r)', 'unseen'],
  ['for (; ¦r; ) break', 'unseen'],
  ['switch (¦r) { case 1: }', 'unseen'],
  ['switch (1 as any) { case ¦r: }', 'unseen'],
  ['¦r === 1', 'unseen'],
  ['1 !== ¦r', 'unseen'],
  ['typeof ¦r', 'unseen'],
  ['¦r == 1', 'seen'],
  ['1 != ¦r', 'seen'],
  ['`a ${¦r} b`', 'seen'],
  ["'a' + ¦r", 'seen'],
  ['¦r + 1', 'seen'],
  ['1 - ¦r', 'seen'],
  ['¦r * 2', 'seen'],
  ['-¦r', 'seen'],
  ['+¦r', 'seen'],
  ['~¦r', 'seen'],
  ['¦r < 1', 'seen'],
  ['1 >= ¦r', 'seen'],
  ['let v = r; ¦v++', 'seen'],
  ['let v = r; ¦v += 1', 'seen'],
  ['let v = 1 as any; v += ¦r', 'seen'],
  ["'a' in ¦r", 'seen'],
  ['¦r in o', 'seen'],
  ['¦r instanceof Object', 'seen'],
  ['f(...¦r)', 'seen'],
  ['[...¦r]', 'seen'],
  ['({ ...¦r })', 'seen'],
  ['for (const x of ¦r) x', 'seen'],
  ['for (const x in ¦r) x', 'seen'],
  ['({ [¦r]: 1 })', 'seen'],
  ['o[¦r]', 'seen'],
  ["['a', 'b'][¦r]", 'seen'],
  ['delete ¦r.x', 'seen'],
  // Built-in functions coerce in their own code: the refusal points to the call.
  ['¦String(r)', 'seen'],
  ['¦Number(r)', 'seen'],
  ['¦parseInt(r)', 'seen'],
  ['¦isNaN(r)', 'seen'],
  ['Math.¦max(r, 1)', 'seen'],
  ['¦BigInt(r)', 'seen'],
  ['¦Symbol(r)', 'seen'],
  ['JSON.¦stringify(r)', 'seen'],
  ['JSON.¦stringify({ a: [r] })', 'seen'],
  ['Object.¦keys(r)', 'seen'],
  ['Object.¦entries(r)', 'seen'],
  ['Object.¦assign({}, r)', 'seen'],
  ['Object.¦getPrototypeOf(r)', 'seen'],
  ['Array.¦from(r)', 'seen'],
  ['¦new Set(r)', 'seen'],
  ['¦new Map(r)', 'seen'],
  ['¦new Date(r)', 'seen'],
  ["[r, r].¦join(',')", 'seen'],
  ["'abc'.¦slice(r)", 'seen'],
  ['r.¦toString()', 'seen'],
  ['r.¦valueOf()', 'seen'],
  ['r.¦toJSON()', 'seen'],
  ['Promise.¦all([r])', 'seen'],
  ['Promise.¦resolve(r)', 'seen'],
  ['Promise.¦race([r])', 'seen'],
  ['new Promise(resolve => ¦resolve(r))', 'seen'],
  ['(async () => { await ¦r })()', 'seen'],
  // A refusal that the body swallows is told at the end all the same.
  ['try { ¦String(r) } catch {}', 'seen'],
  ['try { if (¦r) 1 } catch {}', 'unseen'],
]

/** These have no call around them that the stack could show: the place is that of the call before. */
const ASSIGNMENTS: readonly string[] = ['r.x = 1', 'r.x++', 'Object.defineProperty(r, "x", { value: 1 })']

/** What passes a ref on, and what reads its fields. */
const FREE: readonly string[] = [
  'f(r)',
  '[r]',
  '({ r })',
  'r?.x',
  'r.x?.y',
  "r['x']",
  'r[0]',
  'void r',
  '(1, r)',
  'new Map([[r, 1]]).get(r)',
  'new Set([r]).has(r)',
  '[r].includes(r)',
  '[r].map(x => x.y)',
  'const { x, ...rest } = { x: r, y: r }; f(x, rest)',
  'const [a, b] = r; f(a, b)',
  'const { x: { y } } = r; f(y)',
  'const [[a], { b }] = r; f(a, b)',
  'let v = r; v = r.x',
  'console.debug',
]

const BODY = (code: string): string => `${HEAD}const give = task((): any => ({}))
const f = (...xs: any[]): any => xs
export const w = workflow(() => {
  const r: any = give(), o: any = { r };
  ${code}
  return o.r
})
`

describe('a ref is refused through the loader, at its place', () => {
  test.each(FORMS)('%s', async code => {
    const { text, place } = marked(BODY(code))
    expect((await refusal(() => graphOf(text))).diagnostics.map(brief)).toEqual([`REF_TESTED tutti.ts:${place}`])
  })

  test.each(ASSIGNMENTS)('%s', async code => {
    const [diagnostic] = (await refusal(() => graphOf(BODY(code)))).diagnostics
    expect(diagnostic).toMatchObject({ code: 'REF_TESTED', at: { file: 'tutti.ts', line: 6 } })
  })
})

/** The same body without the loader, in plain JavaScript. */
function traceBare(code: string): unknown {
  const plain = code.replace('¦', '').replace(/ as any/g, '')
  const make = new Function(
    'tutti',
    `
    const give = tutti.task(() => ({})), f = (...xs) => xs
    return tutti.workflow(() => { const r = give(), o = { r }; ${plain}; return o.r })`,
  )
  const definition = definitionOf(make(tutti))
  if (definition?.kind !== 'workflow') throw new Error('no workflow')
  return traceWorkflow(definition)
}

describe('without the loader, a ref is refused where JavaScript lets us see it', () => {
  test.each([...FORMS.filter(([, without]) => without === 'seen').map(([code]) => code), ...ASSIGNMENTS])(
    '%s',
    async code => {
      expect((await refusal(() => traceBare(code))).diagnostics.map(each => each.code)).toEqual(['REF_TESTED'])
    },
  )

  test.each(FORMS.filter(([, without]) => without === 'unseen'))('but nobody sees %s', code => {
    expect(() => traceBare(code)).not.toThrow()
  })
})

test.each(FREE)('free: %s', async code => {
  expect((await graphOf(BODY(code))).root.nodes).toHaveLength(1)
  expect(() => traceBare(code)).not.toThrow()
})

test('a ref is printed as what it stands for', async () => {
  const { inspect } = await import('node:util')
  const shown: string[] = []
  const give = tutti.task(() => ({ a: { b: 1 } }))
  const definition = definitionOf(
    tutti.workflow(() => {
      const r = give()
      shown.push(inspect(r), inspect({ x: r.a.b }), inspect(r.to(x => x)))
    }),
  )
  if (definition?.kind === 'workflow') traceWorkflow(definition)
  expect(shown).toEqual(['Ref(task)', '{ x: Ref(task.a.b) }', 'Ref(task.to(…))'])
})
