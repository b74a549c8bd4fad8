/** `tutti check` from the command line: verdicts, exit codes, JSON lines, what cannot be read, and being interrupted. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, startTutti, tutti } from './rig.ts'

const arcsOf = (arcs: readonly string[]): string =>
  arcs
    .map(each => each.split('>'))
    .map(([source, target], index) => `<arc id="a${index}" source="${source}" target="${target}"/>`)
    .join('')

const nodesOf = (kind: 'place' | 'transition', ids: string): string =>
  ids
    .split(' ')
    .map(id => `<${kind} id="${id}"/>`)
    .join('')

const net = (places: string, transitions: string, ...arcs: readonly string[]): string =>
  `<pnml><net id="n" type="ptnet"><page id="g">${nodesOf('place', places)}${nodesOf('transition', transitions)}${arcsOf(arcs)}</page></net></pnml>`

const FILES = {
  'sound.pnml': net('i o', 't', 'i>t', 't>o'),
  'stuck.pnml': net('i p q o', 'a b join', 'i>a', 'a>p', 'i>b', 'b>q', 'p>join', 'q>join', 'join>o'),
  'left.pnml': net('i p o', 'a b', 'i>a', 'a>p', 'a>o', 'p>b', 'b>o'),
  'trap.pnml': net('i p q o', 'a b c d', 'i>a', 'a>o', 'i>b', 'b>p', 'p>c', 'c>q', 'q>d', 'd>p'),
  'grows.pnml': net('i p o', 'a b c', 'i>a', 'a>p', 'p>b', 'b>p', 'b>o', 'p>c', 'c>o'),
  'two.pnml': net('i j o', 't u', 'i>t', 'j>u', 't>o', 'u>o'),
  // It may end on o, on p, or on six tokens of i, which never are there.
  'ends.pnml': net('i p o', 't u', 'i>t', 't>o', 'i>u', 'u>p').replace(
    '</page>',
    `</page><finalmarkings>${['o', 'p', 'i']
      .map((id, index) => `<marking><place idref="${id}"><text>${1 + 5 * (index >> 1)}</text></place></marking>`)
      .join('')}</finalmarkings>`,
  ),
  'broken.pnml': '<pnml><net id="n">',
  'inhibited.pnml': net('i o', 't', 'i>t', 't>o').replace('source="i"', 'type="inhibitor" source="i"'),
  'net.json': JSON.stringify({
    places: ['i', 'o'],
    transitions: ['t'],
    arcs: [
      ['i', 't'],
      ['t', 'o', 2],
    ],
    init: 'i',
    final: { o: 2 },
  }),
  'bad.json': '{',
  'graph.json': '{"version":1}',
}

const folder = folderWith(FILES)
const check = (...words: readonly string[]) => tutti(['check', ...words], { cwd: folder })

/** Of its violations and errors, those that must be among them. */
interface Expected {
  readonly sound?: boolean | null
  readonly bounded?: boolean | null
  readonly violations?: readonly object[]
  readonly errors?: readonly object[]
}

describe('nets', () => {
  test.each<[file: string, exit: number, expected: Expected]>([
    ['sound.pnml', 0, { sound: true, bounded: true, violations: [] }],
    ['ends.pnml', 0, { sound: true, bounded: true, violations: [] }],
    ['net.json', 0, { sound: true, bounded: true, violations: [] }],
    ['stuck.pnml', 1, { sound: false, bounded: true, violations: [{ kind: 'deadlock', trace: ['a'], where: ['p'] }] }],
    ['left.pnml', 1, { sound: false, violations: [{ kind: 'improper-completion' }] }],
    ['trap.pnml', 1, { sound: false, bounded: true, violations: [{ kind: 'no-completion', trace: ['b'] }] }],
    ['grows.pnml', 1, { sound: false, bounded: false }],
    ['two.pnml', 1, { sound: false, bounded: null, violations: [{ kind: 'not-a-workflow-net', where: ['i', 'j'] }] }],
    ['broken.pnml', 3, { sound: null, bounded: null, violations: [], errors: [{ code: 'PNML_SYNTAX' }] }],
    [
      'inhibited.pnml',
      3,
      { errors: [{ code: 'PNML_EXTENSION', at: { file: 'inhibited.pnml', line: 1, column: expect.any(Number) } }] },
    ],
    ['bad.json', 3, { errors: [{ code: 'JSON_SYNTAX' }] }],
    ['graph.json', 3, { errors: [{ code: 'GRAPH_MALFORMED' }] }],
    ['gone.pnml', 3, { errors: [{ code: 'FILE_NOT_FOUND' }] }],
  ])('%s', async (file, exit, expected) => {
    const { code, out } = await check(file, '--json')
    const lines = jsonLines(out)
    expect(lines.length).toBe(1)
    const { violations = [], errors = [], ...rest } = expected
    expect(lines[0]).toMatchObject({ file, ...rest })
    for (const each of violations) expect(lines[0]?.['violations']).toContainEqual(expect.objectContaining(each))
    for (const each of errors) expect(lines[0]?.['errors']).toContainEqual(expect.objectContaining(each))
    expect(code).toBe(exit)
  })

  test.each<[encoding: string, write: (text: string) => Buffer]>([
    ['UTF-8', text => Buffer.from(`\ufeff${text}`)],
    ['ISO-8859-1', text => Buffer.from(text, 'latin1')],
    ['UTF-16', text => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16', text => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('a file in %s', async (encoding, write) => {
    const other = folderWith({})
    const text = net('i ö o', 'ü ä', 'i>ü', 'ü>ö', 'ü>o', 'ö>ä', 'ä>o')
    writeFileSync(join(other, 'a.pnml'), write(`<?xml version="1.0" encoding="${encoding}"?>${text}`))
    const { out } = await tutti(['check', 'a.pnml'], { cwd: other })
    expect(out).toContain('the end is reached with tokens left on: ö\n    after 1 firing (the shortest way there): ü\n')
  })

  test('several files: a line each, the worst of all as the exit code', async () => {
    const { code, out } = await check('sound.pnml', 'stuck.pnml', 'broken.pnml', '--json')
    expect(jsonLines(out).map(({ file, sound }) => [file, sound])).toEqual([
      ['sound.pnml', true],
      ['stuck.pnml', false],
      ['broken.pnml', null],
    ])
    expect(code).toBe(3)
    expect((await check('sound.pnml', 'stuck.pnml')).code).toBe(1)
    expect((await check('sound.pnml', 'net.json')).code).toBe(0)
  })

  test('for people', async () => {
    const { out, err } = await check('stuck.pnml', 'two.pnml', 'broken.pnml')
    expect(out.replace(/\(.*ms\)/g, '(…)')).toBe(
      [
        'unsound  stuck.pnml (…)',
        '  deadlock: nothing can happen any more, short of the end, with tokens on: p',
        '    after 1 firing (the shortest way there): a',
        '  dead-transition: it can never fire: join',
        'unsound  two.pnml (…)',
        '  not-a-workflow-net: 2 places are filled by nothing: i, j',
        '',
      ].join('\n'),
    )
    expect(err).toContain('error PNML_SYNTAX')
  })
})

/**
 * Two heaps of tokens on a ring, which move in pairs only: no rule makes it smaller, and it has millions of markings. So a
 * check of it does not end by itself.
 */
function endless(places: number, tokens: number): string {
  const place = (index: number): string => `p${index % places}`
  const arcs: [string, string, number?][] = [
    ['i', 'start'],
    ['end', 'o'],
  ]
  const transitions = ['start', 'end']
  for (const heap of [place(0), place(places / 2)]) arcs.push(['start', heap, tokens], [heap, 'end', tokens])
  for (let at = 0; at < places; at++) {
    const moves = [
      [
        [at, at + 1],
        [at + 2, at + 3],
      ],
      [
        [at, at],
        [at + 1, at + 3],
      ],
    ]
    for (const [from = [], to = []] of moves.flatMap(([a, b]) => [
      [a, b],
      [b, a],
    ])) {
      const name = `t${transitions.length}`
      transitions.push(name)
      for (const each of from ?? []) arcs.push([place(each), name])
      for (const each of to ?? []) arcs.push([name, place(each)])
    }
  }
  const all = ['i', 'o', ...Array.from({ length: places }, (_, index) => place(index))]
  return JSON.stringify({ places: all, transitions, arcs, init: 'i', final: 'o' })
}

describe('a net that is too much', () => {
  const large = folderWith({ ...FILES, 'large.json': endless(10, 20) })

  test.each([
    ['time', ['--time', '100ms']],
    ['memory', ['--memory', '1']],
  ])('out of %s: unknown, and how far it came', async (why, words) => {
    const { code, out } = await tutti(['check', 'large.json', '--json', ...words], { cwd: large })
    expect(jsonLines(out)).toMatchObject([
      { file: 'large.json', sound: null, violations: [], why, far: expect.any(String) },
    ])
    expect(code).toBe(4)
  })

  test('interrupted: what was found is printed, and said to be partial', async () => {
    const live = startTutti(['check', 'sound.pnml', 'large.json', 'stuck.pnml'], { cwd: large })
    await live.says('sound.pnml')
    live.child.kill('SIGINT')
    const { code, out, err } = await live.ended
    expect(out).toMatch(/^unknown {2}large.json: interrupted: this is a partial result; /m)
    expect(out).not.toContain('stuck.pnml')
    expect(err).toBe('interrupted: 2 of 3 files were looked at, the last one in part\n')
    expect(code).toBe(130)
  })
})
