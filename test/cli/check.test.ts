/** `tutti check` from the command line: verdicts, exit codes, JSON lines, what cannot be read, and being interrupted. */
import { describe, expect, test } from 'vitest'
import { folderWith, jsonLines, tutti } from './rig.ts'

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

describe('nets', () => {
  test.each<[file: string, exit: number, expected: object]>([
    ['sound.pnml', 0, { sound: true, bounded: true, violations: [] }],
    ['net.json', 0, { sound: true, bounded: true, violations: [] }],
    ['stuck.pnml', 1, { sound: false, bounded: true, violations: [{ kind: 'deadlock', trace: ['a'], where: ['p'] }] }],
    ['left.pnml', 1, { sound: false, violations: [{ kind: 'improper-completion' }] }],
    ['trap.pnml', 1, { sound: false, bounded: true, violations: [{ kind: 'no-completion', trace: ['b'] }] }],
    ['grows.pnml', 1, { sound: false, bounded: false }],
    ['two.pnml', 1, { sound: false, bounded: null, violations: [{ kind: 'not-a-workflow-net', where: ['i', 'j'] }] }],
    ['broken.pnml', 3, { sound: null, bounded: null, violations: [], errors: [{ code: 'PNML_SYNTAX' }] }],
    ['inhibited.pnml', 3, { errors: [{ code: 'PNML_EXTENSION', at: { file: 'inhibited.pnml', line: 1 } }] }],
    ['bad.json', 3, { errors: [{ code: 'JSON_SYNTAX' }] }],
    ['graph.json', 3, { errors: [{ code: 'GRAPH_MALFORMED' }] }],
    ['gone.pnml', 3, { errors: [{ code: 'FILE_NOT_FOUND' }] }],
  ])('%s', async (file, exit, expected) => {
    const { code, out } = await check(file, '--json')
    const lines = jsonLines(out)
    expect(lines.length).toBe(1)
    expect(lines[0]).toMatchObject({ file, ...expected })
    expect(code).toBe(exit)
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
        'unsound  two.pnml (…)',
        '  not-a-workflow-net: 2 places are filled by nothing',
        '',
      ].join('\n'),
    )
    expect(err).toContain('error PNML_SYNTAX')
  })
})
