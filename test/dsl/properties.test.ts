/** What `ensure` says becomes properties of the region that it is said in, with the steps that they mean. */
import { describe, expect, test } from 'vitest'
import { parseGraph, placedProperties, type Graph, type Property, type StepRef } from '../../src/core/index.ts'
import { graphHash } from '../../src/core/graph/identity.ts'
import { regionsOf, type Region } from '../../src/core/graph/graph.ts'
import type { Json } from '../../src/util/json.ts'
import { brief, graphOf, HEAD, marked, refusal } from './rig.ts'

const IMPORT = `import { absent, alternates, atMost, ensure, eventually, exactlyOnce, exclusive, never, precedes, reachable, responds } from 'tutti'
`
const PRELUDE = `${HEAD}${IMPORT}
const build = task(() => ({ ok: true }))
const check = task(() => true)
const publish = effect(() => 1)
const approval = signal()
const watch = flow(async () => { await publish() })
const ci = workflow(() => { const checked = check(); return { built: build().after(checked), checked } })
`

const properties = (region: Region): readonly Property[] => [
  ...(region.properties ?? []),
  ...region.nodes.flatMap(node => regionsOf(node).flatMap(([, inner]) => properties(inner))),
]

const shown = (ref: StepRef): string =>
  ref.kind === 'step' ? `${'^'.repeat(ref.up)}${ref.path}` : `${ref.of} ${ref.name}`
const said = ({ kind, a, ...rest }: Property): string =>
  [
    kind,
    ...('count' in rest ? [rest.count] : []),
    a.map(shown).join(' '),
    ...('b' in rest ? ['|', rest.b.map(shown).join(' ')] : []),
  ].join(' ')

describe('in a body', () => {
  test.each<readonly [body: string, property: string]>([
    ['const a = build(); const b = publish(); ensure(precedes(a, b))', 'precedes build | publish'],
    ['const a = build(); const b = build(); ensure(never(a, b))', 'never build | build~2'],
    ['const a = build(); const b = publish(); ensure(absent(b).after(a))', 'absent build | publish'],
    ['const a = build(); const b = publish(); ensure(atMost(1, [a, b]))', 'atMost 1 build publish'],
    ['const a = build(); ensure(atMost(2, a))', 'atMost 2 build'],
    ['const a = build(); ensure(eventually(a))', 'eventually build'],
    ['const a = build(); ensure(reachable(a.ok))', 'reachable build'],
    ['publish(); ensure(exactlyOnce(publish))', 'exactlyOnce task publish'],
    ['ci(); publish(); ensure(alternates(ci, publish))', 'alternates workflow ci | task publish'],
    ['approval.wait(); publish(); ensure(responds(approval, publish))', 'responds signal approval | task publish'],
    ['watch(); publish(); ensure(exclusive(watch, publish))', 'exclusive flow watch | task publish'],
    // Of a call, the step inside that gives what was taken of it.
    ['const { built } = ci(); const b = publish(); ensure(precedes(built, b))', 'precedes ci/build | publish'],
    ['const done = ci(); const b = publish(); ensure(precedes(done, b))', 'precedes ci | publish'],
    ['const a = scope(() => build()); ensure(eventually(a.ok))', 'eventually scope.body/build'],
    // Around, and inside.
    ['const a = build(); when(a.ok, () => { ensure(precedes(a, publish())) })', 'precedes ^build | publish'],
    [
      'let p: any; const a = build(); when(a.ok, () => {}, () => { p = publish() }); ensure(precedes(a, p))',
      'precedes build | when.otherwise/publish',
    ],
    ['let p: any; each([1], () => { p = publish() }); ensure(atMost(1, p))', 'atMost 1 each[*]/publish'],
    [
      'let p: any; interleaved(() => { build(); p = publish() }); ensure(eventually(p))',
      'eventually interleaved.body/publish',
    ],
  ])('%s', async (body, property) => {
    const graph = await graphOf(`${PRELUDE}export const main = workflow(() => { ${body} })`, 'main')
    expect(properties(graph.root).map(said)).toEqual([property])
    expect(placedProperties(graph)[0]?.meant.every(steps => steps.length > 0)).toBe(true)
  })

  test('it has the position of the call that makes the property', async () => {
    const { text, place } = marked(`${PRELUDE}export const main = workflow(() => {
  const a = build()
  ensure(
    eventually(a),
    ¦absent(a)
      .after(build),
  )
})`)
    const [, second] = properties((await graphOf(text, 'main')).root)
    expect(second?.at && `${second.at.line}:${second.at.column}`).toBe(place)
  })
})

describe('beside a workflow', () => {
  const TEXT = `${PRELUDE}
const release = workflow(() => { ci(); publish() })
export const twice = workflow(() => { release(); release() })
ensure(release, precedes(build, publish), never(check, publish))
ensure(release, eventually(publish))
`
  test('it holds of every call, of the steps in there', async () => {
    const graph = await graphOf(TEXT, 'twice')
    expect(graph.root.properties).toBeUndefined()
    expect(placedProperties(graph).map(({ around, meant }) => [around, ...meant.map(steps => steps.join())])).toEqual(
      ['release/', 'release~2/'].flatMap(around => [
        [around, `${around}ci/build`, `${around}publish`],
        [around, `${around}ci/check`, `${around}publish`],
        [around, `${around}publish`],
      ]),
    )
  })
})

describe('a graph with properties', () => {
  const text = `${PRELUDE}export const main = workflow(() => { const a = build(); ensure(precedes(a, publish)); when(a.ok, () => publish()) })`
  test('is the same after a round trip through JSON', async () => {
    const graph = await graphOf(text, 'main')
    const json = JSON.parse(JSON.stringify(graph)) as Json
    const parsed = parseGraph(json)
    expect(parsed).toEqual({ ok: true, value: json })
  })
  test('has a hash in which the property counts, and its position does not', async () => {
    const hash = async (given: string) => graphHash(await graphOf(given, 'main'))
    const lower = text.replace('ensure(', '\n\n  ensure(')
    expect(await hash(lower)).toBe(await hash(text))
    expect(await hash(text.replace('precedes(', 'responds('))).not.toBe(await hash(text))
  })
})

describe('refused', () => {
  const inBody = (body: string): string => `export const main = workflow(() => { ${body} })`
  test.each<readonly [code: string, text: string]>([
    ['NOT_A_STEP', inBody("ensure(¦eventually('build' as any))")],
    ['NOT_A_STEP', inBody('ensure(¦eventually(build().ok.to(ok => ok)))')],
    ['NOT_A_STEP', inBody('ensure(¦eventually((() => 1) as any))')],
    ['BAD_ARGUMENT', inBody('¦ensure(build() as any)')],
    ['BAD_ARGUMENT', inBody('const a = build(); ensure(¦atMost(-1, a))')],
    ['BAD_ARGUMENT', inBody('ensure(¦atMost(1, []))')],
    ['BAD_ARGUMENT', inBody('const a = build(); ¦ensure(absent(a) as any)')],
    ['PROPERTY_UNKNOWN_STEP', inBody('build(); ensure(¦eventually(publish))')],
    ['PROPERTY_UNKNOWN_STEP', inBody('build(); ensure(¦eventually(ci))')],
    ['PROPERTY_UNKNOWN_STEP', inBody('build(); ensure(¦eventually(approval))')],
    ['OUTSIDE_WORKFLOW', '¦ensure(eventually(build)); export const main = workflow(() => { build() })'],
    ['BAD_ARGUMENT', 'export const main = workflow(() => { build() }); ¦ensure(watch, eventually(build))'],
    ['BAD_ARGUMENT', inBody('build(); ¦ensure(ci, eventually(build))')],
    ['REF_OUT_OF_REGION', inBody('const a = build(); publish().undo(() => { ensure(¦eventually(a)) })')],
  ])('%s %s', async (code, given) => {
    const { text, place } = marked(PRELUDE + given)
    const { diagnostics } = await refusal(() => graphOf(text, 'main'))
    expect(diagnostics.map(brief)).toEqual([`${code} tutti.ts:${place}`])
  })

  test('a definition that is never called, with the nearest that is', async () => {
    const { diagnostics } = await refusal(() =>
      graphOf(
        `${PRELUDE}const publisher = effect(() => 1)\nexport const main = workflow(() => { publisher() })\nensure(main, eventually(publish))`,
      ),
    )
    expect(diagnostics[0]).toMatchObject({
      code: 'PROPERTY_UNKNOWN_STEP',
      message: 'A property (eventually) speaks of publish, which is never called here',
      hint: 'Did you mean publisher?',
    })
  })

  test('not what a flow may call', async () => {
    const graph: Graph = await graphOf(
      `${PRELUDE}export const main = workflow(() => { watch(); ensure(eventually(publish)) })`,
      'main',
    )
    expect(placedProperties(graph)).toMatchObject([{ meant: [[]], flows: ['watch'] }])
  })
})
