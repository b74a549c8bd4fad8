/** Every way to test or coerce a ref is refused at its place, and ordinary values notice nothing. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainText } from '../../src/loader/index.ts'
import { brief, load, marked, refusal } from './rig.ts'

/** `¦` stands before the operand that is refused; `r` is a ref. */
const FORMS: readonly (readonly [form: string, code: string])[] = [
  ['if', 'if (¦r) 1'],
  ['if', 'if ((0, ¦r)) 1'],
  ['if', 'if ((¦r as any)!) 1'],
  ['if', 'if (¦o.r) 1'],
  ['if', 'if (¦give()) 1'],
  ['if', 'let v; if (¦v = r) 1'],
  ['if', 'let v: any = 1; v = r; if (¦v) 1'],
  ['if', 'let v: any; [v] = [r]; if (¦v) 1'],
  ['if', 'let v: any; ({ a: [v = 1] } = { a: [r] } as any); if (¦v) 1'],
  ['if', 'let v: any = 1; for (v of [r]) if (¦v) 1'],
  ['if', 'let v: any = 0; v ||= r; if (¦v) 1'],
  ['if', 'let v = 1; ((v: any) => { if (¦v) 1 })(r)'],
  ['if', 'try { throw r } catch (v: any) { if (¦v) 1 }'],
  ['?:', '¦r ? 1 : 2'],
  ['while', 'while (¦r) break'],
  ['do while', 'do {} while (¦r)'],
  ['for', 'for (; ¦r; ) break'],
  ['for of', 'for (const x of ¦r) x'],
  ['for in', 'for (const x in ¦r) x'],
  ['switch', 'switch (¦r) { case 1: }'],
  ['case', 'switch (1 as any) { case ¦r: }'],
  ['!', '!¦r'],
  ['&&', '¦r && 1'],
  ['||', '¦r || 1'],
  ['??', '¦r ?? 1'],
  ['&&=', 'let v = r; ¦v &&= 1'],
  ['||=', 'let v = r; ¦v ||= 1'],
  ['??=', 'let v = r; ¦v ??= 1'],
  ['??=', '¦o.r ??= 1'],
  ['||=', '¦o["r"] ||= 1'],
  ['+', '+¦r'],
  ['-', '-¦r'],
  ['~', '~¦r'],
  ['typeof', 'typeof ¦r'],
  ['delete', 'delete (¦r as any).x'],
  ...[
    '==',
    '===',
    '!=',
    '!==',
    '<',
    '>',
    '<=',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '**',
    '&',
    '|',
    '^',
    '<<',
    '>>',
    '>>>',
    'in',
    'instanceof',
  ].flatMap(
    operator =>
      [
        [operator, `(¦r ${operator} (Object as any))`],
        [operator, `("a" ${operator} ¦r)`],
      ] as const,
  ),
  ...['+=', '-=', '*=', '/=', '%=', '**=', '&=', '|=', '^=', '<<=', '>>=', '>>>='].flatMap(
    operator =>
      [
        [operator, `let v = r; ¦v ${operator} 1`],
        [operator, `let v = 1 as any; v ${operator} ¦r`],
      ] as const,
  ),
  ['++', 'let v = r; ¦v++'],
  ['--', 'let v = r; --¦v'],
  ['a template string', '`a ${¦r} b`'],
  ['spread', 'f(...¦r)'],
  ['spread', '[...¦r]'],
  ['spread', '({ ...¦r })'],
  ['await', '(async () => await ¦r)().catch((e: any) => { raise(e) })'],
  ['yield*', '[...(function* () { yield* ¦r })()]'],
  ['a computed key', '(o as any)[¦r]'],
  ['a computed key', '({ [¦r]: 1 })'],
  ['a computed key', 'class A { static [¦r] = 1 }'],
]

const PRELUDE = `import { ref } from 'tutti'
const r: any = ref(), o: any = { r: ref() }, give = () => ref(), f = (...args: any[]) => args
let later: any
const raise = (error: any) => { later = error }
`

describe('a ref is refused', () => {
  test.each(FORMS)('in %s: %s', async (form, code) => {
    const { text, place } = marked(
      `${PRELUDE}export const go = async () => { ${code}; await 0; await 0; await 0; if (later) throw later }`,
    )
    const { exports } = await load(text)
    const [diagnostic] = await refusal(() => (exports['go'] as () => Promise<void>)())
    expect(brief(diagnostic!)).toBe(`REF_TESTED tutti.ts:${place}`)
    expect(diagnostic!.message).toContain(form)
  })

  test('also in plain JavaScript, and at the top of a module', async () => {
    const files = { 'tutti.js': `import { ref } from 'tutti'\nconst r = ref()\nexport const x = r ? 1 : 2\n` }
    expect((await refusal(() => load(files, { entry: 'tutti.js' }))).map(brief)).toEqual(['REF_TESTED tutti.js:3:18'])
  })

  test('but what passes it on, names it or reads its fields is free', async () => {
    const { exports } = await load(
      `${PRELUDE}export const all = [r, { r }, r?.x, r.x, void r, (1, r), f(r).length, (() => r)(), r.x?.y]`,
    )
    expect(exports['all']).toHaveLength(9)
  })
})

/** Function bodies over `a`, `b` and `c`; each must mean the same with and without instruments. */
const BODIES: readonly string[] = [
  'if (a) return b\nelse return c',
  'return a ? b : c',
  'return [a && b, a || b, a ?? b, !a, !!b]',
  'let n = 0\nwhile (a) { if (n++ > 3) break }\nreturn n',
  'let n = 0\ndo { n += 1 } while (n < 3 && a)\nreturn n',
  'let s = ""\nfor (let i = 0; i < 3; i++) s += i\nreturn s + a',
  'switch (a) { case b: return 1\ncase c: return 2\ndefault: return 3 }',
  'return [typeof a, typeof missing, typeof f, -a, +b, ~c, void a]\nfunction f() {}',
  'return [a == b, a === b, a != c, a !== c, a < b, a > b, a <= c, a >= c]',
  'return [a + b, a - b, a * b, a / c, a % b, a ** 2, a & b, a | b, a ^ b, a << 1, a >> 1, a >>> 1]',
  'let x = a\nx &&= b\nlet y = a\ny ||= b\nlet z = a\nz ??= b\nreturn [x, y, z]',
  'const o = { x: a, get y() { n++; return b }, set y(v) { n += 10 } }\nlet n = 0\no.x ??= c\no.y ||= c\no["x"] &&= b\nreturn [o.x, n]',
  'let x = a\nconst old = x++\nconst next = --x\nx += b\nreturn [old, next, x]',
  'return `${a}-${b}${`${c}`}`',
  'const tag = (strings, ...values) => [strings.raw, values]\nreturn tag`x${a}y${b}`',
  'const f = (...rest) => rest\nreturn f(...[a, b], c, ...[a])',
  'return { ...{ a }, b, ["k" + a]: c, ...(b ? { d: 1 } : undefined) }',
  'const { x = a, ...rest } = { y: b, z: c }\nconst [p, , q = c] = [a, b]\nreturn [x, rest, p, q]',
  'const out = []\nfor (const x of [a, b, c]) out.push(x)\nfor (const k in { a, b }) out.push(k)\nreturn out',
  'const f = () => 1, g = function () {}, h = class {}, i = (() => 2)\nreturn [f.name, g.name, h.name, i.name]',
  'let f\nf = () => 1\nlet g\ng ??= () => 2\nconst o = { m: () => 1, n() {}, p: async function () {} }\nreturn [f.name, g.name, o.m.name, o.n.name, o.p.name]',
  'class A { static x = a\n#p = b\nget p() { return this.#p }\nhas(o) { return #p in o }\nstatic { A.y = c } }\nreturn [A.x, new A().p, new A().has(new A()), new A().has({}), A.y]',
  'class A { constructor(x) { this.x = x } }\nclass B extends A { constructor() { super(a); this.y = super.toString !== undefined } }\nreturn { ...new B() }',
  'function* g() { const x = yield a; yield* [x, b] }\nconst it = g()\nreturn [it.next().value, it.next(c).value, it.next().value]',
  'return (async () => { const x = await a; try { await Promise.reject(b) } catch (e) { return [x, e] } })()',
  'return (async () => { const out = []; for await (const x of [a, Promise.resolve(b)]) out.push(x); return out })()',
  'outer: for (const x of [1, 2]) { for (const y of [1, 2]) { if (y === 2) continue outer; if (x === 2) break outer } }\nreturn a',
  'try { throw a } catch (e) { return [e === a || Object.is(e, a), b] } finally { c }',
  'try { throw a } catch { return 1 }',
  'const o = { f() { return this === o }, g: () => typeof this }\nreturn [o.f(), o["f"](), o?.f(), (o.f)(), o?.missing?.(a), o.missing?.x.y]',
  'const o = { a, b }\nreturn [delete o.a, delete o["b"], Object.keys(o), "a" in o, o instanceof Object]',
  'var x = a\nif (b) var x = c\nreturn x\nvar y',
  'const Date = { now: () => a }, Math = { random: () => b }\nreturn [Date.now(), Math.random(), new (class Date { v = 1 })().v]',
  'return [new Date(0).toISOString(), new Date(1, 2) instanceof Date, Math.max(1, 2), Math.PI, typeof Date, Date.UTC(2020, 1)]',
  'return [(a, b), ((a), (b)), (() => { return a, b })()]',
  'const x = a\n;[b].forEach(() => {})\nlet y = x\ny++\nreturn y\n(c)',
  'let i = 0\nconst next = () => i++\nconst o = [[a, b, c]]\nreturn [o[next()][next()], i]',
  'return a?.[b] ?? c?.() ?? "none"',
  'var process = { env: a }\nreturn process.env',
  'const f = function self(n) { return n > 0 ? self(n - 1) : self.name }\nreturn f(2)',
  'const { length } = "abc"\nreturn new.target === undefined ? length : 0',
  'return [1, , a].length + [..."añ"].length',
]

const value = () =>
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.string({ maxLength: 2 }),
    fc.boolean(),
    fc.constant(undefined),
    fc.constant(null),
    fc.double(),
    fc.array(fc.integer(), { maxLength: 2 }),
  )
type Body = (a: unknown, b: unknown, c: unknown) => unknown

async function outcome(body: Body, args: readonly [unknown, unknown, unknown]): Promise<unknown> {
  try {
    return { value: await body(...args) }
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${plainText(error.message)}` : error }
  }
}

describe('ordinary values notice nothing', () => {
  test('instrumented and plain bodies give equal results', async () => {
    const source = BODIES.map((body, index) => `export function body${index}(a, b, c) {\n${body}\n}`).join('\n')
    const { exports } = await load({ 'tutti.js': source }, { entry: 'tutti.js' })
    const plain = BODIES.map(body => new Function('a', 'b', 'c', `'use strict'\n${body}`) as Body)
    await fc.assert(
      fc.asyncProperty(fc.nat(BODIES.length - 1), fc.tuple(value(), value(), value()), async (index, args) => {
        expect(await outcome(exports[`body${index}`] as Body, args)).toEqual(await outcome(plain[index]!, args))
      }),
      { numRuns: 1_500 },
    )
  })

  test.each(BODIES.map((body, index) => [index, body] as const))('body %i: %s', async (_, body) => {
    const { exports } = await load({ 'tutti.js': `export function body(a, b, c) {\n${body}\n}` }, { entry: 'tutti.js' })
    const plain = new Function('a', 'b', 'c', `'use strict'\n${body}`) as Body
    for (const args of [
      [1, 2, 3],
      [0, '', undefined],
      ['x', [1], null],
    ] as const) {
      expect(await outcome(exports['body'] as Body, args)).toEqual(await outcome(plain, args))
    }
  })
})
