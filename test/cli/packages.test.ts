/** Which packages a version stands on, and what of them cannot be had again: real folders of made-up packages. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packagesOf } from '../../src/cli/versions/packages.ts'
import { obstacles } from '../../src/cli/versions/reproducible.ts'
import { buildBundle, keepBundle, type KeptCode } from '../../src/loader/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { type Files, project } from '../loader/rig.ts'

/** `at`: of the package, as seen from the project. */
const pkg = (at: string, manifest: object = {}): Files => {
  const name = at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length)
  return {
    [`${at}/package.json`]: JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'i.js', ...manifest }),
    [`${at}/i.js`]: 'export default 1',
  }
}

const importing = (...names: readonly string[]): string => names.map(name => `import '${name}'`).join('\n')

async function built(files: Files, entry = 'tutti.ts'): Promise<{ readonly code: KeptCode; readonly dir: string }> {
  const root = project(files)
  const result = await buildBundle(join(root, entry))
  if (!result.ok) throw new Refusal(result.error)
  return { code: keepBundle(result.value.bundle), dir: dirname(join(root, entry)) }
}

const shown = async ({ code, dir }: { readonly code: KeptCode; readonly dir: string }): Promise<readonly string[]> =>
  (await packagesOf(code, dir)).map(
    ({ name, version, integrity }) => `${name}@${version}${integrity ? ` ${integrity}` : ''}`,
  )

const PACKAGES: readonly (readonly [why: string, files: Files, packages: readonly string[]])[] = [
  ['none', { 'tutti.ts': `import 'node:fs'\nimport 'tutti'` }, []],
  [
    'one that is imported',
    { 'tutti.ts': importing('a'), ...pkg('node_modules/a'), ...pkg('node_modules/b') },
    ['a@1.0.0'],
  ],
  [
    'what it needs',
    {
      'tutti.ts': importing('a'),
      ...pkg('node_modules/a', { dependencies: { b: '1' } }),
      ...pkg('node_modules/b', { dependencies: { '@s/c': '1', a: '1' } }),
      ...pkg('node_modules/@s/c', { version: '2.0.0' }),
    },
    ['@s/c@2.0.0', 'a@1.0.0', 'b@1.0.0'],
  ],
  [
    'two versions of one',
    {
      'tutti.ts': importing('a', 'b'),
      ...pkg('node_modules/a', { dependencies: { b: '2' } }),
      ...pkg('node_modules/a/node_modules/b', { version: '2.0.0' }),
      ...pkg('node_modules/b'),
    },
    ['a@1.0.0', 'b@1.0.0', 'b@2.0.0'],
  ],
  [
    'what another module imports, from another folder',
    {
      'tutti.ts': `import './lib/x.ts'`,
      'lib/x.ts': importing('a'),
      ...pkg('lib/node_modules/a', { version: '3.0.0' }),
      ...pkg('node_modules/a'),
    },
    ['a@3.0.0'],
  ],
  [
    'what CommonJS files require',
    {
      'tutti.ts': `import './x.cjs'`,
      'x.cjs': `require('fs'); require("./y.cjs")`,
      'y.cjs': `require('a/sub')`,
      ...pkg('node_modules/a'),
    },
    ['a@1.0.0'],
  ],
  [
    'optional ones where they are, peers where they are',
    {
      'tutti.ts': importing('a'),
      ...pkg('node_modules/a', {
        optionalDependencies: { b: '1', gone: '1' },
        peerDependencies: { c: '1', tutti: '1', away: '1' },
        peerDependenciesMeta: { away: { optional: true } },
      }),
      ...pkg('node_modules/b'),
      ...pkg('node_modules/c'),
      ...pkg('node_modules/tutti'),
    },
    ['a@1.0.0', 'b@1.0.0', 'c@1.0.0'],
  ],
  [
    'no part that only this platform has',
    {
      'tutti.ts': importing('a'),
      ...pkg('node_modules/a', { optionalDependencies: { 'a-linux': '1' } }),
      ...pkg('node_modules/a-linux', { os: ['linux'] }),
    },
    ['a@1.0.0'],
  ],
  [
    'under its own name, whatever it is called here',
    { 'tutti.ts': importing('alias'), ...pkg('node_modules/alias', { name: 'a' }) },
    ['a@1.0.0'],
  ],
]

describe('the packages behind a bundle', () => {
  test.each(PACKAGES)('%s', async (_, files, packages) => {
    expect(await shown(await built(files))).toEqual(packages)
  })

  test('pnpm links them from folders of their own', async () => {
    const root = project({
      'tutti.ts': '',
      ...pkg('node_modules/.pnpm/a@1.0.0/node_modules/a', { dependencies: { b: '1' } }),
      ...pkg('node_modules/.pnpm/b@1.1.0/node_modules/b', { version: '1.1.0' }),
      'pnpm-lock.yaml': `lockfileVersion: '9.0'\n\npackages:\n\n  a@1.0.0:\n    resolution: {integrity: sha512-aaa}\n\n  '@s/b@1.1.0':\n    resolution: {integrity: sha512-no}\n\n  b@1.1.0:\n    resolution: {integrity: sha512-bbb}\n    engines: {node: '>=18'}\n\nsnapshots:\n\n  a@1.0.0: {}\n`,
    })
    symlinkSync('.pnpm/a@1.0.0/node_modules/a', join(root, 'node_modules/a'))
    symlinkSync('../../b@1.1.0/node_modules/b', join(root, 'node_modules/.pnpm/a@1.0.0/node_modules/b'))
    writeFileSync(join(root, 'tutti.ts'), importing('a'))
    const result = await buildBundle(join(root, 'tutti.ts'))
    if (!result.ok) throw new Refusal(result.error)
    expect(await shown({ code: keepBundle(result.value.bundle), dir: root })).toEqual([
      'a@1.0.0 sha512-aaa',
      'b@1.1.0 sha512-bbb',
    ])
  })
})

const A: Files = {
  'tutti.ts': importing('@s/a'),
  ...pkg('node_modules/@s/a', { dependencies: { b: '^1' } }),
  ...pkg('node_modules/b'),
}

const LOCKS: readonly (readonly [name: string, text: string])[] = [
  [
    'node_modules/.package-lock.json',
    JSON.stringify({
      packages: {
        'node_modules/@s/a': { version: '1.0.0', integrity: 'sha512-aaa' },
        'node_modules/b': { version: '1.0.0', integrity: 'sha512-bbb' },
      },
    }),
  ],
  [
    'package-lock.json',
    JSON.stringify({
      packages: {
        '': {},
        'node_modules/@s/a': { version: '1.0.0', integrity: 'sha512-aaa' },
        'node_modules/b': { version: '1.0.0', integrity: 'sha512-bbb' },
      },
    }),
  ],
  [
    'pnpm-lock.yaml',
    `packages:\n  /@s/a@1.0.0:\n    resolution: {integrity: sha512-aaa}\n    dev: true\n\n  /b@1.0.0(c@2.0.0):\n    resolution: {integrity: sha512-bbb}\n`,
  ],
  [
    'yarn.lock',
    `# yarn lockfile v1\n\n"@s/a@^1.0.0", "@s/a@^1.0.1":\n  version "1.0.0"\n  resolved "https://r/a.tgz#1"\n  integrity sha512-aaa\n  dependencies:\n    b "^1"\n\nb@^1, b@~1.0:\n  version "1.0.0"\n  integrity sha512-bbb\n`,
  ],
]

describe('digests', () => {
  test.each(LOCKS)('from %s', async (name, text) => {
    expect(await shown(await built({ ...A, [name]: text }))).toEqual(['@s/a@1.0.0 sha512-aaa', 'b@1.0.0 sha512-bbb'])
  })

  test('from yarn 2', async () => {
    const text = `__metadata:\n  version: 8\n\n"@s/a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "@s/a@npm:1.0.0"\n  checksum: 10c0/aaa\n  languageName: node\n`
    expect(await shown(await built({ ...A, 'yarn.lock': text }))).toEqual(['@s/a@1.0.0 10c0/aaa', 'b@1.0.0'])
  })

  test('a lock of another state, or a broken one, tells nothing', async () => {
    const other = JSON.stringify({ packages: { 'node_modules/b': { version: '1.0.1', integrity: 'sha512-bbb' } } })
    expect(await shown(await built({ ...A, 'package-lock.json': other }))).toEqual(['@s/a@1.0.0', 'b@1.0.0'])
    expect(await shown(await built({ ...A, 'package-lock.json': '{' }))).toEqual(['@s/a@1.0.0', 'b@1.0.0'])
  })

  test('by their files where no registry stands behind them', async () => {
    const files = { ...A, 'package.json': JSON.stringify({ dependencies: { '@s/a': 'github:s/a' } }) }
    const [one, , same] = [await built(files), 0, await built(files)]
    expect(await shown(one)).toEqual([expect.stringMatching(/^@s\/a@1\.0\.0 files:[0-9a-f]{64}$/), 'b@1.0.0'])
    expect(await shown(same)).toEqual(await shown(one))
    writeFileSync(join(same.dir, 'node_modules/@s/a/more.js'), '')
    expect(await shown(same)).not.toEqual(await shown(one))
  })
})

const HERE = { node: 'v22.1.0', platform: 'linux-x64' }

interface Scene {
  readonly why: string
  readonly files: Files
  /** What happens between publishing and opening. */
  readonly then: (dir: string) => void
  readonly published?: Partial<typeof HERE>
  /** `severity kind: text -> hint` */
  readonly said: readonly string[]
}

const reinstalled = (dir: string, files: Files): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}
const removed = (dir: string, ...names: readonly string[]): void => {
  for (const name of names) rmSync(join(dir, name), { recursive: true })
}

const SCENES: readonly Scene[] = [
  { why: 'all as it was', files: A, then: () => undefined, said: [] },
  {
    why: 'another major of Node.js',
    files: A,
    then: () => undefined,
    published: { node: 'v20.19.2' },
    said: [
      'warning node: it was published with Node.js 20 (v20.19.2), and this is Node.js 22 -> Run it with Node.js 20 to be sure.',
    ],
  },
  { why: 'another minor of it', files: A, then: () => undefined, published: { node: 'v22.9.0' }, said: [] },
  {
    why: 'another platform',
    files: A,
    then: () => undefined,
    published: { platform: 'darwin-arm64' },
    said: [
      'warning platform: it was published on darwin-arm64, and this is linux-x64 -> Commands and native packages may be others here; run it on darwin-arm64 to be sure.',
    ],
  },
  {
    why: 'a package that is gone',
    files: A,
    then: dir => removed(dir, 'node_modules/@s/a'),
    said: ['error package-missing: tutti.ts needs the package @s/a, which is not installed -> npm install @s/a@1.0.0'],
  },
  {
    why: 'a package that a package needs',
    files: A,
    then: dir => removed(dir, 'node_modules/b'),
    said: ['error package-missing: @s/a needs the package b, which is not installed -> npm install b@1.0.0'],
  },
  {
    why: 'all packages',
    files: A,
    then: dir => removed(dir, 'node_modules'),
    said: ['error package-missing: tutti.ts needs the package @s/a, which is not installed -> npm install @s/a@1.0.0'],
  },
  {
    why: 'an alias',
    files: { 'tutti.ts': importing('alias'), ...pkg('node_modules/alias', { name: 'a' }) },
    then: dir => removed(dir, 'node_modules'),
    said: [
      'error package-missing: tutti.ts needs the package alias, which is not installed -> npm install alias@npm:a@1.0.0',
    ],
  },
  {
    why: 'a package that was never there',
    files: { 'tutti.ts': importing('a'), ...pkg('node_modules/a', { peerDependencies: { b: '1' } }) },
    then: () => undefined,
    said: [],
  },
  {
    why: 'another version',
    files: A,
    then: dir => reinstalled(dir, pkg('node_modules/b', { version: '1.2.0' })),
    said: ['warning package-differs: it had the package b 1.0.0, and here is 1.2.0 -> npm install b@1.0.0'],
  },
  {
    why: 'a version without what the other needed',
    files: A,
    then: dir => {
      removed(dir, 'node_modules')
      reinstalled(dir, pkg('node_modules/@s/a', { version: '2.0.0' }))
    },
    said: [
      'warning package-differs: it had the package @s/a 1.0.0, and here is 2.0.0 -> npm install @s/a@1.0.0',
      'warning package-missing: it had the package b 1.0.0, which is not here -> npm install b@1.0.0',
    ],
  },
  {
    why: 'the same version with another content',
    files: { ...A, 'package-lock.json': LOCKS[1]![1] },
    then: dir => reinstalled(dir, { 'package-lock.json': LOCKS[1]![1].replace('sha512-bbb', 'sha512-ccc') }),
    said: ['warning package-differs: b 1.0.0 is not what it was: its content is another -> npm install b@1.0.0'],
  },
  {
    why: 'a lock of another program',
    files: { ...A, 'package-lock.json': LOCKS[1]![1] },
    then: dir => renameSync(join(dir, 'package-lock.json'), join(dir, 'old.json')),
    said: [],
  },
  {
    why: 'a package that is changed in place',
    files: { ...A, 'package.json': JSON.stringify({ dependencies: { '@s/a': 'github:s/a' } }) },
    then: dir => reinstalled(dir, { 'node_modules/@s/a/i.js': 'export default 2' }),
    said: [
      'warning package-differs: @s/a 1.0.0 is not what it was: its content is another -> Bring @s/a to the state that it had.',
    ],
  },
  {
    why: 'a native part that is not here',
    files: {
      'tutti.ts': importing('a'),
      ...pkg('node_modules/a', { optionalDependencies: { '@a/darwin-arm64': '1.0.0', '@a/linux-x64': '1.0.0' } }),
      ...pkg('node_modules/@a/linux-x64', { os: ['linux'], cpu: ['x64'] }),
    },
    then: dir => removed(dir, 'node_modules/@a'),
    said: ['warning native: a has no part for linux-x64 here -> npm install --no-save @a/linux-x64@1.0.0'],
  },
]

test.each(SCENES)('what cannot be had again: $why', async ({ files, then, published, said }) => {
  const { code, dir } = await built(files)
  const packages = await packagesOf(code, dir)
  then(dir)
  const found = obstacles({ ...HERE, ...published }, { packages, code }, dir, HERE)
  expect(found.map(({ kind, severity, text, hint }) => `${severity} ${kind}: ${text} -> ${hint}`)).toEqual(said)
})
