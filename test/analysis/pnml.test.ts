/** Reading and writing PNML: what tools write, what is refused by name, and where a net begins and ends. */
import fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { buildNet, type PetriNet, readNetJson, readPnml, workflowNet, writePnml } from '../../src/analysis/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'

const NETS = '../shared/conformance/petri/nets'

const pnml = (body: string, type = 'http://www.pnml.org/version-2009/grammar/ptnet'): string =>
  `<?xml version="1.0"?>\n<pnml><net id="n" type="${type}"><page id="g">\n${body}\n</page></net></pnml>`

const LINE =
  '<place id="i"/><place id="o"/><transition id="t"/><arc id="a" source="i" target="t"/><arc id="b" source="t" target="o"/>'

/** The net as text: marking, then each transition with what it takes and gives. */
function shown(net: PetriNet): string {
  const bag = (start: Uint32Array, entries: Uint32Array, weights: Uint32Array, row: number): string =>
    [...entries.slice(start[row], start[row + 1])]
      .map((place, index) => {
        const weight = weights[start[row]! + index]!
        return (weight > 1 ? weight : '') + net.places[place]!
      })
      .join('+')
  const marking = (tokens: Uint32Array): string =>
    [...tokens].flatMap((count, place) => (count > 0 ? [(count > 1 ? count : '') + net.places[place]!] : [])).join('+')
  const rows = net.transitions.map(
    (name, row) =>
      `${name}: ${bag(net.preStart, net.pre, net.preWeight, row)} > ${bag(net.postStart, net.post, net.postWeight, row)}`,
  )
  return [`${marking(net.initial)} >> ${marking(net.final)}`, ...rows].join('; ')
}

function read(text: string): string {
  const entry = workflowNet(readPnml('x.pnml', [text]))
  return entry.kind === 'workflow-net' ? shown(entry.net) : `not: ${entry.why}`
}

function refusal(act: () => unknown): readonly string[] {
  try {
    act()
  } catch (error) {
    if (error instanceof Refusal)
      return error.diagnostics.map(({ code, message, at }) => `${at?.line ?? '-'} ${code} ${message}`)
    throw error
  }
  return []
}

describe('what is read', () => {
  test.each<[name: string, body: string, expected: string]>([
    ['a line', LINE, 'i >> o; t: i > o'],
    [
      'weights, and the older <value>',
      '<place id="i"><initialMarking><value>2</value></initialMarking></place><place id="o"/><transition id="t"/>' +
        '<arc id="a" source="i" target="t"><inscription><text> 2 </text></inscription></arc><arc id="b" source="t" target="o"/>',
      '2i >> 2o; t: 2i > o',
    ],
    [
      'colours of PIPE',
      LINE.replace(
        '<place id="i"/>',
        '<place id="i"><initialMarking><value>Default,1</value></initialMarking><capacity><value>0</value></capacity></place>',
      ),
      'i >> o; t: i > o',
    ],
    [
      'arcs before nodes',
      '<arc id="a" source="i" target="t"/><arc id="b" source="t" target="o"/><place id="o"/><place id="i"/><transition id="t"/>',
      'i >> o; t: i > o',
    ],
    ['two arcs between the same two', `${LINE}<arc id="c" source="t" target="o"/>`, 'i >> o; t: i > 2o'],
    [
      'a read arc',
      `${LINE}<place id="r"><initialMarking><text>1</text></initialMarking></place><transition id="u"/><arc id="c" source="i" target="u"/><arc id="d" source="u" target="r"/><arc id="e" source="r" target="t"><type value="read"/></arc>`,
      'r >> o; t: i+r > o+r; u: i > r',
    ],
    [
      'names and texts that look like markings',
      LINE.replace(
        '<place id="o"/>',
        '<place id="o"><name><text>5</text></name><toolspecific><initialMarking><text>3</text></initialMarking><place id="zz"/></toolspecific></place>',
      ),
      'i >> o; t: i > o',
    ],
    [
      'R1: references over pages',
      '<place id="i"/><place id="m"/><transition id="t"/><arc id="a" source="i" target="t"/><arc id="b" source="t" target="m"/>' +
        '<page id="h"><referencePlace id="r" ref="q"/><referencePlace id="q" ref="m"/><transition id="u"/><place id="o"/><arc id="c" source="r" target="u"/><arc id="d" source="u" target="o"/></page>',
      'i >> o; t: i > m; u: m > o',
    ],
    [
      'R2: a comment with dashes, a prefix of namespace',
      '<!-- a -- b --><x:place id="i"/><place id="o"/><transition id="t"/><arc id="a" source="i" target="t"/><arc id="b" source="t" target="o"/>',
      'i >> o; t: i > o',
    ],
    [
      'R2: comments that end with more dashes',
      `<!-- a --->${LINE.replace('<place id="o"/>', '<!----><!-- - ---><place id="o"/><!-- -- --><![CDATA[ <!-- ]]>')}<!-- b -->`,
      'i >> o; t: i > o',
    ],
    [
      'timed transitions, all alike',
      LINE.replace(
        '<transition id="t"/>',
        '<transition id="t"><timed><value>true</value></timed><priority><value>1</value></priority></transition>',
      ),
      'i >> o; t: i > o',
    ],
    [
      'ages without limits',
      LINE.replace('<place id="i"/>', '<place id="i" invariant="&lt; inf"/>').replace(
        '<arc id="a"',
        '<arc id="a" type="timed" inscription="[0,inf)"',
      ),
      'i >> o; t: i > o',
    ],
  ])('%s', (_, body, expected) => {
    expect(read(pnml(body))).toBe(expected)
  })

  const named = (marking: string, body = LINE): string =>
    pnml(body).replace('</page>', `</page><finalmarkings>${marking}</finalmarkings>`)
  const two =
    '<place id="i"/><place id="o"/><place id="p"/><transition id="t"/><transition id="u"/><arc id="a" source="i" target="t"/><arc id="b" source="t" target="o"/><arc id="c" source="i" target="u"/><arc id="d" source="u" target="p"/>'
  const ended = (id: string, count: number): string =>
    `<marking><place idref="${id}"><text>${count}</text></place><place idref="i"><text>0</text></place></marking>`

  test.each<[name: string, text: string, expected: string]>([
    ['named', named(ended('o', 3)), 'i >> 3o; t: i > o'],
    ['named as nothing', named('<marking/>'), 'i >> o; t: i > o'],
    ['empty', named(''), 'i >> o; t: i > o'],
    [
      'several',
      named(ended('o', 1) + ended('p', 1), two),
      'i >> (end); t: i > o; u: i > p; (completion) 1: o > (end); (completion) 2: p > (end)',
    ],
    [
      'by two sinks',
      pnml(two.replaceAll('"o"', '"q"')),
      'i >> (end); t: i > q+p; u: i > q+p; (completion): q+p > (end)',
    ],
    ['by two sinks, one of which is o', pnml(two), 'i >> o; t: i > o; u: i > p'],
    [
      'named, beside a resource and a place that nothing touches',
      named(
        ended('o', 1),
        '<place id="i"><initialMarking><text>1</text></initialMarking></place><place id="r"><initialMarking><text>2</text></initialMarking></place><place id="z"/><place id="o"/><transition id="t"/>' +
          '<arc id="a" source="i" target="t"/><arc id="b" source="r" target="t"/><arc id="c" source="t" target="o"/>',
      ),
      'i+2r >> o; t: i+r > o',
    ],
  ])('B1: the end, %s', (_, text, expected) => {
    expect(read(text)).toBe(expected)
  })

  test.each<[name: string, body: string, expected: string]>([
    [
      'a source transition',
      `${LINE}<transition id="u"/><arc id="c" source="u" target="o"/>`,
      'not: u can fire again and again: nothing is consumed',
    ],
    [
      'two sources',
      `${LINE}<place id="p"/><arc id="c" source="p" target="t"/>`,
      'not: 2 places are filled by nothing: i, p',
    ],
    [
      'no source',
      LINE.replace('target="o"', 'target="i"').replace('<place id="o"/>', ''),
      'not: no place is the start: each is filled by some transition',
    ],
    [
      'no sink',
      `${LINE}<transition id="u"/><arc id="c" source="o" target="u"/><arc id="d" source="u" target="o"/>`,
      'not: no place is the end: some transition consumes from each',
    ],
    ['nothing at all', '', 'not: there is no place in it'],
  ])('B2: %s', (_, body, expected) => {
    expect(read(pnml(body))).toBe(expected)
  })
})

describe('what is refused, with its place', () => {
  test.each<[name: string, text: string, expected: readonly string[]]>([
    ['no id', pnml('<place/>'), ['3 PNML_ID_MISSING A place has no id']],
    ['one id for two', pnml('<place id="a"/>\n<transition id="a"/>'), ['4 PNML_ID_TWICE The id a is given twice']],
    [
      'an arc to nowhere',
      pnml(`${LINE}\n<arc id="c" source="o" target="tt"/>`),
      ['4 PNML_DANGLING An arc names tt, which is no node'],
    ],
    ['an arc without an end', pnml('<arc id="c" source="o"/>'), ['3 PNML_ID_MISSING An arc has no target']],
    [
      'an arc between places',
      pnml(`${LINE}<arc id="c" source="i" target="o"/>`),
      ['3 PNML_ARC An arc leads from the place i to the place o'],
    ],
    [
      'references in a circle',
      pnml(
        '<transition id="t"/><referencePlace id="a" ref="b"/><referencePlace id="b" ref="a"/><arc id="c" source="a" target="t"/>',
      ),
      ['3 PNML_DANGLING An arc names a, which is no node'],
    ],
    [
      'a weight of nothing',
      pnml(LINE.replace('target="o"/>', 'target="o"><inscription><text>0</text></inscription></arc>')),
      ["3 PNML_NUMBER '0' is not a number of tokens"],
    ],
    [
      'a variable',
      pnml(LINE.replace('target="o"/>', 'target="o"><inscription><text>x</text></inscription></arc>')),
      ["3 PNML_NUMBER 'x' is no number"],
    ],
    [
      'inhibitor arcs',
      pnml(LINE.replace('id="a"', 'id="a" type="inhibitor"')),
      ['3 PNML_EXTENSION It has inhibitor arcs, which place/transition nets do not have'],
    ],
    [
      'inhibitor arcs of PIPE',
      pnml(LINE.replace('target="o"/>', 'target="o"><type value="inhibitor"/></arc>')),
      ['3 PNML_EXTENSION It has inhibitor arcs, which place/transition nets do not have'],
    ],
    [
      'reset arcs of ProM',
      pnml(LINE.replace('target="o"/>', 'target="o"><type><text>reset</text></type></arc>')),
      ['3 PNML_EXTENSION It has reset arcs, which place/transition nets do not have'],
    ],
    [
      'inhibitor arcs of ProM',
      pnml(LINE.replace('target="o"/>', 'target="o"><arctype><text>inhibitor</text></arctype></arc>')),
      ['3 PNML_EXTENSION It has inhibitor arcs, which place/transition nets do not have'],
    ],
    [
      'a timed transition beside one that says nothing',
      pnml(
        LINE.replace(
          '<transition id="t"/>',
          '<transition id="u"/><transition id="t"><timed><value>true</value></timed></transition>',
        ),
      ),
      ['3 PNML_EXTENSION It has timed transitions beside others, which place/transition nets do not have'],
    ],
    [
      'priorities',
      pnml(
        LINE.replace(
          '<transition id="t"/>',
          '<transition id="u"><priority><value>1</value></priority></transition><transition id="t"><priority><value>2</value></priority></transition>',
        ),
      ),
      ['3 PNML_EXTENSION It has transitions of different priorities, which place/transition nets do not have'],
    ],
    [
      'clocks',
      pnml(LINE.replace('id="a"', 'id="a" inscription="[2,4]"')),
      ['3 PNML_EXTENSION It has time intervals, which place/transition nets do not have'],
    ],
    [
      'colours',
      pnml(LINE, 'http://www.pnml.org/version-2009/grammar/symmetricnet'),
      ['2 PNML_EXTENSION It has colours, which place/transition nets do not have'],
    ],
    [
      'a full place',
      pnml(LINE.replace('<place id="o"/>', '<place id="o"><capacity><value>2</value></capacity></place>')),
      ['3 PNML_EXTENSION It has places of a limited capacity, which place/transition nets do not have'],
    ],
    ['R3: no XML', 'hello', ['1 PNML_SYNTAX It is no well-formed XML: text data outside of root node']],
    [
      'an end that is missing',
      '<pnml><net id="n"><page id="p">',
      ['1 PNML_SYNTAX It is no well-formed XML: unclosed tag: page'],
    ],
    ['another document', '<html></html>', ['1 PNML_NO_NET There is no net in it']],
    ['two nets', '<pnml><net id="a"/><net id="b"/></pnml>', ['1 PNML_SEVERAL_NETS It holds several nets']],
  ])('%s', (_, text, expected) => {
    expect(refusal(() => readPnml('x.pnml', [text]))).toEqual(expected)
  })

  test('a net as JSON', () => {
    const bad = {
      places: ['i', 'o', 'i'],
      transitions: ['t'],
      arcs: [
        ['i', 'u'],
        ['t', 'o', 0],
      ],
      init: 'x',
      final: { o: 0.5 },
    }
    expect(refusal(() => readNetJson('n.json', bad))).toEqual([
      '- NET_INVALID n.json: the place i is given twice',
      '- NET_INVALID n.json: arc 0 joins i and u, which are not a place and a transition',
      '- NET_INVALID n.json: arc 1 is not [from, to] or [from, to, weight]',
      '- NET_INVALID n.json: init names x, which is no place',
      '- NET_INVALID n.json: final has no number of tokens for o',
    ])
    const twice = { places: ['x', 'y'], transitions: ['x'], arcs: [['x', 'y']] }
    expect(refusal(() => readNetJson('n.json', twice))).toEqual(['- NET_INVALID n.json: x is a place and a transition'])
  })
})

test('weights that add up to more than can be counted are refused, not cut', () => {
  const heavy = {
    places: ['i', 'o'],
    transitions: ['t'],
    arcs: [
      ['i', 't'],
      ['t', 'o', 4_294_967_295],
      ['t', 'o', 2],
    ],
  }
  expect(refusal(() => readNetJson('n.json', heavy))).toEqual([
    '- NET_INVALID n.json: the arcs between o and t weigh too much together',
  ])
  const inscription = '<inscription><text>4294967295</text></inscription>'
  const body = `${LINE}<arc id="c" source="t" target="o">${inscription}</arc>`
  expect(refusal(() => readPnml('x.pnml', [pnml(body)]))).toEqual([
    '1 PNML_NUMBER The arcs between o and t weigh too much together',
  ])
})

const arbitraryNet = fc
  .record({ places: fc.integer({ min: 2, max: 6 }), transitions: fc.integer({ min: 1, max: 6 }) })
  .chain(({ places, transitions }) => {
    const arcs = fc.array(
      fc.record({
        place: fc.nat(places - 1),
        transition: fc.nat(transitions - 1),
        weight: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 12 },
    )
    const tokens = fc.array(fc.tuple(fc.nat(places - 1), fc.integer({ min: 1, max: 9 })), {
      minLength: 1,
      maxLength: 3,
    })
    const names = fc.array(fc.string({ minLength: 1 }), {
      minLength: places + transitions,
      maxLength: places + transitions,
    })
    return fc.record({ names, inputs: arcs, outputs: arcs, initial: tokens, final: tokens }).map(parts =>
      buildNet({
        ...parts,
        name: 'random & "net"',
        places: parts.names.slice(0, places),
        transitions: parts.names.slice(places),
        initial: new Map(parts.initial),
        final: new Map(parts.final),
      }),
    )
  })

test('what is written is read again, whatever the names', () => {
  fc.assert(
    fc.property(arbitraryNet, net => {
      const raw = readPnml('x', writePnml(net))
      const again = buildNet({ ...raw, final: raw.finals[0] ?? new Map() })
      const { name: _, places: _p, transitions: _t, ...rest } = net
      expect(again).toMatchObject(rest)
    }),
  )
})

test('a file may come in pieces of any size', () => {
  const text = pnml(`${LINE}<!-- a -- b ---><!-- c -->`)
  for (const size of [1, 7, 50])
    expect(read(text)).toBe(
      (() => {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
          text.slice(at * size, (at + 1) * size),
        )
        const entry = workflowNet(readPnml('x', pieces))
        return entry.kind === 'workflow-net' ? shown(entry.net) : entry.why
      })(),
    )
})

test.skipIf(!existsSync(NETS))('the shared nets have the sizes that are known of them', () => {
  const rows = readFileSync(`${NETS}/../verdicts.tsv`, 'utf8').trim().split('\n').slice(1)
  expect(rows.length).toBe(readdirSync(NETS).length)
  for (const row of rows) {
    const [name = '', places, transitions, , , , , sinks, wfPlaces, wfTransitions, wfArcs] = row.split('\t')
    const raw = readPnml(name, [readFileSync(`${NETS}/${name}.pnml`, 'utf8')])
    expect([raw.places.length, raw.transitions.length], name).toEqual([Number(places), Number(transitions)])
    const entry = workflowNet(raw)
    if (entry.kind !== 'workflow-net') throw new Error(`${name} is a workflow net`)
    expect(entry.added, name).toBe(Number(sinks) > 1 ? 'completion' : 'nothing')
    const { net } = entry
    expect([net.places.length, net.transitions.length, net.pre.length + net.post.length], name).toEqual(
      [wfPlaces, wfTransitions, wfArcs].map(Number),
    )
  }
})
