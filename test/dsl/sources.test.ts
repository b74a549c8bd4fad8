/** What the language makes of sources beside files and variables. */
import { describe, expect, test } from 'vitest'
import { brief, graphOf, marked, refusal } from './rig.ts'

const HEAD = `import { clock, dir, file, files, flow, http, lastResult, secret, sh, source, task, workflow } from 'tutti'
`
const sourcesOf = async (body: string, before = ''): Promise<readonly unknown[]> =>
  (await graphOf(`${HEAD}${before}\nexport const w = workflow(() => {${body}})`, 'w')).root.nodes.map(node =>
    node.kind === 'source' ? [node.id, node.name, node.source] : [node.id, node.name, node.kind],
  )

test.each<[code: string, source: object]>([
  ["files('a', 'b')", { kind: 'files', globs: ['a', 'b'] }],
  ["files('a', { ignore: 'gitignore' })", { kind: 'files', globs: ['a'], ignore: 'gitignore' }],
  ["files(...['a', 'b'], {})", { kind: 'files', globs: ['a', 'b'] }],
  ["dir('data')", { kind: 'dir', path: 'data' }],
  ["http('https://x.test/a')", { kind: 'http', url: 'https://x.test/a' }],
  [
    "http('https://x.test/a', { every: '1h', headers: { accept: 'text/csv' } })",
    { kind: 'http', url: 'https://x.test/a', everyMs: 3_600_000, headers: { accept: 'text/csv' } },
  ],
  ["clock('1h')", { kind: 'time', everyMs: 3_600_000 }],
  ["lastResult('nightly')", { kind: 'result', workflow: 'nightly' }],
  ['lastResult(other)', { kind: 'result', workflow: 'other' }],
])('%s', async (code, source) => {
  expect(await sourcesOf(`const x = ${code}`, 'export const other = workflow(() => 1)')).toEqual([
    [expect.any(String), 'x', source],
  ])
})

describe('a source of the user’s own', () => {
  test('is called like its variable, and is a source', async () => {
    expect(await sourcesOf('const found = head()', 'const head = source(() => sh`git rev-parse HEAD`)')).toEqual([
      ['head', 'found', { kind: 'function', task: 'head' }],
    ])
  })

  test('with a stamp is a task, whose argument is a source', async () => {
    const graph = await graphOf(
      `${HEAD}const big = source((tag: number) => tag, { stamp: () => 1, timeout: '1m' })
       export const w = workflow(() => big())`,
    )
    expect(graph.root.nodes).toMatchObject([
      {
        id: 'big-stamp',
        kind: 'source',
        source: { kind: 'function', task: 'big-stamp' },
        policy: { timeoutMs: 60_000 },
      },
      { id: 'big', kind: 'task', task: 'big', args: [{ kind: 'node', node: 'big-stamp' }] },
    ])
  })

  test('made in a loop is called like the list', async () => {
    expect(
      await sourcesOf('for (const each of heads) each()', "const heads = ['a', 'b'].map(x => source(() => x))"),
    ).toEqual([
      ['heads', 'heads', { kind: 'function', task: 'heads' }],
      ['heads~2', 'heads~2', { kind: 'function', task: 'heads~2' }],
    ])
  })

  test('takes a name', async () => {
    expect(await sourcesOf('head()', "const head = source(() => 1, { name: 'revision' })")).toEqual([
      ['revision', 'revision', { kind: 'function', task: 'revision' }],
    ])
  })
})

test.each<[code: string, body: string]>([
  ['BAD_ARGUMENT', "¦files('a', { ignore: 'all' as any })"],
  ['BAD_ARGUMENT', "¦files({ ignore: 'none' } as any)"],
  ['BAD_ARGUMENT', "¦files('!a', '!b')"],
  ['BAD_ARGUMENT', "¦files({} as any, 'a')"],
  ['BAD_ARGUMENT', "¦dir('')"],
  ['BAD_ARGUMENT', "¦http('ftp://x.test')"],
  ['BAD_ARGUMENT', "¦http('x')"],
  ['BAD_ARGUMENT', '¦http(undefined as any)'],
  ['BAD_ARGUMENT', "¦http('https://me:pass@x.test')"],
  ['BAD_ARGUMENT', "¦http('https://x.test', { headers: { authorization: secret('TOKEN') as any } })"],
  ['BAD_ARGUMENT', "¦http('https://x.test', { headers: { n: 1 as any } })"],
  ['BAD_DURATION', "¦http('https://x.test', { every: 'soon' })"],
  ['BAD_DURATION', "¦clock('soon')"],
  ['BAD_ARGUMENT', '¦clock(0)'],
  ['BAD_ARGUMENT', '¦lastResult(1 as any)'],
  ['BAD_ARGUMENT', "¦lastResult('')"],
  ['BAD_ARGUMENT', '¦source(1 as any)'],
  ['BAD_ARGUMENT', '¦source(() => 1, { stamp: 1 as any })'],
])('%s: %s', async (code, body) => {
  const { text, place } = marked(`${HEAD}export const w = workflow(() => {\n${body}\n})`)
  const { diagnostics } = await refusal(() => graphOf(text))
  expect(diagnostics.map(brief)).toEqual([`${code} tutti.ts:${place}`])
})

test('outside of a workflow they are refused', async () => {
  for (const code of ["dir('x')", "clock('1h')", "http('https://x.test')", "lastResult('x')"]) {
    const { diagnostics } = await refusal(() => graphOf(`${HEAD}const x = ${code}\nexport const w = workflow(() => 1)`))
    expect(diagnostics.map(({ code: told }) => told)).toEqual(['OUTSIDE_WORKFLOW'])
  }
})
