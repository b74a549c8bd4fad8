import { execFileSync } from 'node:child_process'
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HANDLE, isHandle } from '../../src/dsl/resources.ts'
import { blobPath, openBlobs } from '../../src/store/blobs.ts'
import type { Blobs } from '../../src/store/store.ts'
import { type Diagnostic, Refusal } from '../../src/util/diagnostic.ts'
import {
  blobsOf,
  LocalDir,
  LocalFile,
  type LocalFiles,
  openOutput,
  readSource,
  type ValueStore,
  valueStore,
} from '../../src/values/index.ts'

let cwd: string
let store: string
let blobs: Blobs
let values: ValueStore
beforeEach(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tutti-files-')))
  cwd = join(folder, 'project')
  store = join(folder, 'store')
  await mkdir(cwd)
  blobs = openBlobs(store, 'normal')
  values = valueStore(blobs, { cwd })
})
afterEach(() => rm(dirname(cwd), { recursive: true, force: true }))

const where = { task: 'compile' }
const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing refused',
    problem =>
      problem instanceof Refusal
        ? `${problem.diagnostics[0]!.code}: ${problem.diagnostics[0]!.message.replaceAll(cwd, 'CWD')}`
        : String(problem),
  )

/** `path: content`, `path/`: an empty folder, `path -> target`: a link, `path *`: executable. */
async function write(root: string, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    const [name, content = ''] = line.split(': ')
    const [path, target] = name!.split(' -> ')
    const file = join(root, path!.replace(/ \*$/, ''))
    await mkdir(line.endsWith('/') ? file : dirname(file), { recursive: true })
    if (target) await symlink(target, file)
    else if (!line.endsWith('/')) await writeFile(file, content, { mode: path!.endsWith(' *') ? 0o755 : 0o644 })
  }
}

async function replace(path: string, make: (path: string) => unknown): Promise<void> {
  await rm(path, { recursive: true })
  await make(path)
}

/** The same form, sorted; every folder is listed. */
async function read(root: string, folder = ''): Promise<string[]> {
  const lines = await Promise.all(
    (await readdir(join(root, folder), { withFileTypes: true })).map(async each => {
      const path = folder ? `${folder}/${each.name}` : each.name
      if (each.isDirectory()) return [`${path}/`, ...(await read(root, path))]
      if (each.isSymbolicLink()) return [`${path} -> ${await readlink(join(root, path))}`]
      const executable = ((await stat(join(root, path))).mode & 0o100) !== 0
      return [`${path}${executable ? ' *' : ''}: ${await readFile(join(root, path), 'utf8')}`]
    }),
  )
  return lines.flat().sort()
}

describe('T1: a folder comes back as it was', () => {
  const tree = [
    'a.txt: hello',
    'bin/run *: #!/bin/sh',
    'empty/',
    'bin/link -> ../a.txt',
    'sp ace/ünï: 1',
    'bin/deep/er/x: y',
  ]

  const changes: readonly [name: string, change: (dist: string) => Promise<unknown>][] = [
    ['when it is gone', dist => rm(dist, { recursive: true })],
    ['when nothing changed', async () => undefined],
    ['when a file changed', dist => writeFile(join(dist, 'a.txt'), 'HELLO')],
    ['when a file is gone', dist => unlink(join(dist, 'bin/deep/er/x'))],
    ['when there is one more', dist => write(dist, ['bin/more: x', 'others/deep/y: x'])],
    ['when a file became a folder', dist => replace(join(dist, 'a.txt'), path => write(path, ['b: c']))],
    ['when a folder became a file', dist => replace(join(dist, 'bin'), path => writeFile(path, 'c'))],
    ['when all became one file', dist => replace(dist, path => writeFile(path, 'x'))],
    ['when a link points elsewhere', dist => replace(join(dist, 'bin/link'), path => symlink('run', path))],
    ['when a file became a link', dist => replace(join(dist, 'a.txt'), path => symlink('bin/run', path))],
    ['when a file is no longer executable', dist => chmod(join(dist, 'bin/run'), 0o644)],
    ['when a file became a pipe', dist => replace(join(dist, 'a.txt'), path => execFileSync('mkfifo', [path]))],
  ]
  test.each(changes)('%s', async (_name, change) => {
    const dist = join(cwd, 'dist')
    await write(dist, tree)
    const before = await read(dist)
    const ref = await values.encode(new LocalDir(dist), where)
    await change(dist)
    const restored = (await values.decode(ref)) as LocalDir
    expect([restored.path, restored[HANDLE]]).toEqual([dist, 'dir'])
    expect(await read(dist)).toEqual(before)
    // Another process knows no stamps.
    await change(dist)
    await valueStore(blobs, { cwd }).decode(ref)
    expect(await read(dist)).toEqual(before)
  })

  test('of any names, in another project', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter(text => !/[/\0]|^\.{1,2}$| -> |: | \*$|[\ud800-\udfff]/.test(text) && text.normalize('NFC') === text)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, fc.string()), { selector: ([path]) => path.toLowerCase(), maxLength: 6 }),
        async files => {
          const dist = join(cwd, 'any')
          await rm(dist, { recursive: true, force: true })
          await mkdir(dist)
          for (const [path, content] of files) await writeFile(join(dist, path), content)
          const ref = await values.encode(new LocalDir(dist), where)
          const other = join(dirname(cwd), 'other')
          const restored = (await valueStore(blobs, { cwd: other }).decode(ref)) as LocalDir
          expect(restored.path).toBe(join(other, 'any'))
          expect(await read(restored.path)).toEqual(await read(dist))
        },
      ),
      { numRuns: 40 },
    )
  })
})

test('T2: what is right is not written again, what is wrong alone is', async () => {
  const dist = join(cwd, 'dist')
  await write(dist, ['a: 1', 'b: 2', 'c/d: 3'])
  const old = new Date(Date.now() - 60_000)
  for (const path of ['a', 'b', 'c/d']) await utimes(join(dist, path), old, old)
  const ref = await values.encode(new LocalDir(dist), where)
  const inodes = async (): Promise<number[]> =>
    Promise.all(['a', 'b', 'c/d'].map(async path => (await stat(join(dist, path))).ino))
  const before = await inodes()
  await values.decode(ref)
  expect(await inodes()).toEqual(before)
  await writeFile(join(dist, 'b'), 'x')
  await values.decode(ref)
  const after = await inodes()
  expect([after[0], after[2]]).toEqual([before[0], before[2]])
  expect(await readFile(join(dist, 'b'), 'utf8')).toBe('2')
})

test('T1: an output that is a link itself stays one while what it leads to has its content', async () => {
  await write(cwd, ['libz.so.1: code', 'libz.so -> libz.so.1'])
  const ref = await values.encode(new LocalDir(join(cwd, 'libz.so')), where)
  await values.decode(ref)
  expect(await readlink(join(cwd, 'libz.so'))).toBe('libz.so.1')
  await rm(join(cwd, 'libz.so'))
  await values.decode(ref)
  expect(await readlink(join(cwd, 'libz.so'))).toBe('libz.so.1')
  await writeFile(join(cwd, 'libz.so.1'), 'newer')
  await values.decode(ref)
  expect([await readFile(join(cwd, 'libz.so'), 'utf8'), await readFile(join(cwd, 'libz.so.1'), 'utf8')]).toEqual([
    'code',
    'newer',
  ])
})

test('T2: a change of the same size within one tick of the clock is noticed', async () => {
  const dist = join(cwd, 'dist')
  await mkdir(dist)
  for (let round = 0; round < 60; round++) {
    await writeFile(join(dist, 'a'), `${round} one`)
    const ref = await values.encode(new LocalDir(dist), where)
    await writeFile(join(dist, 'a'), `${round} two`)
    await values.decode(ref)
    expect(await readFile(join(dist, 'a'), 'utf8')).toBe(`${round} one`)
  }
})

/** Too long to stand in the value. */
const long = 'one'.repeat(1_000)

test('T3: writing to a restored file leaves the store as it is', async () => {
  const dist = join(cwd, 'dist')
  await write(dist, [`a: ${long}`])
  const ref = await values.encode(new LocalDir(dist), where)
  await rm(dist, { recursive: true })
  await values.decode(ref)
  await writeFile(join(dist, 'a'), 'written by a user')
  const [hash] = (await blobsOf(ref, blobs)).slice(-1)
  expect(await readFile(blobPath(store, hash!), 'utf8')).toBe(long)
  expect((await stat(blobPath(store, hash!))).nlink).toBe(1)
})

test('T3: a damaged blob is refused, and what stood there remains', async () => {
  const dist = join(cwd, 'dist')
  await write(dist, [`a: ${long}`])
  const ref = await values.encode(new LocalDir(dist), where)
  const [hash] = (await blobsOf(ref, blobs)).slice(-1)
  await chmod(blobPath(store, hash!), 0o644)
  await writeFile(blobPath(store, hash!), 'eno')
  await writeFile(join(dist, 'a'), 'mine')
  expect(await refusalOf(values.decode(ref))).toMatch(/^BLOB_DAMAGED/)
  expect(await read(dist)).toEqual(['a: mine'])
})

describe('T4 and other refusals of capture', () => {
  test.each([
    [
      'a link to the folder above',
      ['x/l -> ../../secret'],
      'TREE_LINK_OUTSIDE: dist/x/l is a link to ../../secret, which is outside of dist',
    ],
    [
      'a link to an absolute path',
      ['l -> /etc/passwd'],
      'TREE_LINK_OUTSIDE: dist/l is a link to /etc/passwd, which is outside of dist',
    ],
    [
      'a link that goes out and in again',
      ['l -> ../../project/dist2'],
      'TREE_LINK_OUTSIDE: dist/l is a link to ../../project/dist2, which is outside of dist',
    ],
  ])('%s', async (_name, tree, refusal) => {
    await write(join(cwd, 'dist'), tree)
    expect(await refusalOf(values.encode(new LocalDir(join(cwd, 'dist')), where))).toBe(refusal)
  })

  test('a pipe', async () => {
    await mkdir(join(cwd, 'dist'))
    execFileSync('mkfifo', [join(cwd, 'dist/pipe')])
    expect(await refusalOf(values.encode(new LocalDir(join(cwd, 'dist')), where))).toBe(
      'TREE_UNKEEPABLE: dist/pipe is neither a file, a folder nor a link, so it cannot be kept',
    )
  })

  test('an output that was never written', async () => {
    expect(await refusalOf(values.encode(await openOutput('dist', cwd), where))).toBe(
      'OUTPUT_MISSING: dist is to be kept, but it does not exist',
    )
  })

  test('a secret', async () => {
    const secret = { [HANDLE]: 'secret', name: 'NPM_TOKEN', reveal: () => 'x' }
    expect(await refusalOf(values.encode(secret, where))).toBe(
      'SECRET_IN_VALUE: The result of compile contains the secret NPM_TOKEN',
    )
    class Handle {
      readonly [HANDLE] = 'secret'
      readonly name = 'NPM_TOKEN'
    }
    expect(await refusalOf(values.encode({ a: [new Handle()] }, where))).toBe(
      'SECRET_IN_VALUE: The result of compile contains the secret NPM_TOKEN',
    )
  })
})

describe('outputs', () => {
  test('have their parent folder made, and are not made themselves', async () => {
    const output = await openOutput('a/b/report.html', cwd)
    expect([output.path, output[HANDLE], String(output)]).toEqual([
      join(cwd, 'a/b/report.html'),
      'output',
      join(cwd, 'a/b/report.html'),
    ])
    expect(await read(cwd)).toEqual(['a/', 'a/b/'])
  })

  test('may be a file, which comes back', async () => {
    const output = await openOutput('out/report.html', cwd)
    await writeFile(output.path, '<h1>')
    const ref = await values.encode({ output, rows: 3 }, where)
    await rm(join(cwd, 'out'), { recursive: true })
    const back = (await values.decode(ref)) as { output: { path: string }; rows: number }
    expect([back.output.path, back.rows, await readFile(output.path, 'utf8')]).toEqual([output.path, 3, '<h1>'])
    expect(await values.decode(ref, ['output', 'path'])).toBe(output.path)
    expect(await values.decode(ref, ['output', 'toString'])).toBeUndefined()
  })

  test.each([
    ['just above the project', '..', 'OUTPUT_OUTSIDE: The output ".." lies outside of the folder of the project'],
    ['above the project', '../x', 'OUTPUT_OUTSIDE: The output "../x" lies outside of the folder of the project'],
    ['absolute', '/elsewhere/x', 'OUTPUT_OUTSIDE: The output "/elsewhere/x" lies outside of the folder of the project'],
    ['the project itself', '.', 'OUTPUT_OUTSIDE: The output "." is the folder of the project itself'],
    [
      'out by a detour',
      'a/../../project2',
      'OUTPUT_OUTSIDE: The output "a/../../project2" lies outside of the folder of the project',
    ],
    ['through a link', 'link/x', 'OUTPUT_OUTSIDE: The output "link/x" lies outside of the folder of the project'],
  ])('%s are refused', async (_name, path, refusal) => {
    await symlink(tmpdir(), join(cwd, 'link'))
    expect(await refusalOf(openOutput(path, cwd))).toBe(refusal)
  })

  test('with names that only look as if they led outside are fine', async () => {
    expect((await openOutput('..dist/x', cwd)).path).toBe(join(cwd, '..dist/x'))
  })

  test('equal content at an equal place has an equal hash, whatever the machine', async () => {
    const hashes = await Promise.all(
      ['one', 'two'].map(async name => {
        const project = join(dirname(cwd), name)
        await write(join(project, 'dist'), ['a: 1', 'b/c: 2'])
        return (await valueStore(blobs, { cwd: project }).encode(new LocalDir(join(project, 'dist')), where)).hash
      }),
    )
    expect(hashes[0]).toBe(hashes[1])
  })

  test('from a scratch folder outside of the project are restored inside of it', async () => {
    const scratch = join(dirname(cwd), 'scratch')
    await write(scratch, ['a: 1'])
    const first = await values.encode(new LocalFile(join(scratch, 'a')), where)
    await writeFile(join(scratch, 'a'), '2')
    const second = await values.encode(new LocalFile(join(scratch, 'a')), where)
    await rm(scratch, { recursive: true })
    const back = (await Promise.all([values.decode(first), values.decode(second)])) as LocalFile[]
    for (const file of back) expect(file.path.startsWith(join(cwd, '.tutti/restored/'))).toBe(true)
    expect(await Promise.all(back.map(file => file.text()))).toEqual(['1', '2'])
  })

  test('many readers at once restore once, and all see the whole', async () => {
    const dist = join(cwd, 'dist')
    await write(
      dist,
      Array.from({ length: 50 }, (_, index) => `f${index}: ${index}`),
    )
    const before = await read(dist)
    const ref = await values.encode(new LocalDir(dist), where)
    await rm(dist, { recursive: true })
    const seen = await Promise.all(Array.from({ length: 5 }, () => values.decode(ref).then(() => read(dist))))
    for (const each of seen) expect(each).toEqual(before)
  })
})

describe('sources', () => {
  test('files are sorted and relative, without the folders that nobody means', async () => {
    await write(cwd, [
      'src/b.ts: 1',
      'src/a.ts: 2',
      'src/Z.ts: 3',
      'src/a.js: 4',
      'node_modules/p/x.ts: 5',
      '.git/x.ts: 6',
      '.tutti/x.ts: 7',
      'src/node_modules/y.ts: 8',
    ])
    const found = (await readSource({ kind: 'files', globs: ['**/*.ts', '!src/b.ts'] }, cwd)) as LocalFiles
    expect(found.paths).toEqual(['src/Z.ts', 'src/a.ts'])
    const iterated: string[] = []
    for await (const path of found) iterated.push(path)
    expect(iterated).toEqual(found.paths)
    expect(await Promise.all(found.files().map(file => file.text()))).toEqual(['3', '2'])
    expect(isHandle(found)).toBe(true)
    expect(((await readSource({ kind: 'files', globs: ['node_modules/p/*.ts'] }, cwd)) as LocalFiles).paths).toEqual([
      'node_modules/p/x.ts',
    ])
  })

  test('a value of files is its names and hashes: the content stays in the project', async () => {
    await write(cwd, ['a.ts: 1', 'b.ts: 2'])
    const source = { kind: 'files', globs: ['*.ts'] } as const
    const ref = await values.encode(await readSource(source, cwd), where)
    expect(((await values.decode(ref)) as LocalFiles).paths).toEqual(['a.ts', 'b.ts'])
    expect(await values.decode(ref, ['paths', 1])).toBe('b.ts')
    expect(await blobsOf(ref, blobs)).toEqual([])
    await writeFile(join(cwd, 'b.ts'), '3')
    expect((await values.encode(await readSource(source, cwd), where)).hash).not.toBe(ref.hash)
    await writeFile(join(cwd, 'b.ts'), '2')
    expect((await values.encode(await readSource(source, cwd), where)).hash).toBe(ref.hash)
  })

  test('no match gives no files and a warning', async () => {
    const warnings: Diagnostic[] = []
    const found = (await readSource({ kind: 'files', globs: ['*.nope'] }, cwd, {
      warn: warning => warnings.push(warning),
    })) as LocalFiles
    expect([found.paths, warnings.map(each => each.code)]).toEqual([[], ['SOURCE_EMPTY']])
  })

  test('one file', async () => {
    await write(cwd, ['data.json: {"a":1}'])
    const file = (await readSource({ kind: 'file', path: 'data.json' }, cwd)) as LocalFile
    expect(await file.json()).toEqual({ a: 1 })
    expect(await file.bytes()).toEqual(new Uint8Array(Buffer.from('{"a":1}')))
    const back = (await values.decode(await values.encode(file, where))) as LocalFile
    expect([back.path, await back.text()]).toEqual([join(cwd, 'data.json'), '{"a":1}'])
  })

  test('the environment', async () => {
    process.env['TUTTI_TEST_SOURCE'] = 'x'
    expect(await readSource({ kind: 'env', name: 'TUTTI_TEST_SOURCE', default: 'y' }, cwd)).toBe('x')
    delete process.env['TUTTI_TEST_SOURCE']
    expect(await readSource({ kind: 'env', name: 'TUTTI_TEST_SOURCE', default: 'y' }, cwd)).toBe('y')
    expect(await refusalOf(readSource({ kind: 'env', name: 'TUTTI_TEST_SOURCE' }, cwd))).toMatch(
      /^SOURCE_MISSING: The environment variable TUTTI_TEST_SOURCE/,
    )
  })

  test.each([
    ['missing', 'none.csv', 'SOURCE_MISSING: The source none.csv does not exist in CWD'],
    ['under a file', 'a/b', 'SOURCE_MISSING: The source a/b does not exist in CWD'],
    ['a folder', 'folder', 'SOURCE_UNREADABLE: The source folder is not a file'],
    ['a loop of links', 'loop', 'SOURCE_UNREADABLE: The source loop cannot be read (ELOOP)'],
  ])('a source that is %s is refused', async (_name, path, refusal) => {
    await write(cwd, ['a: 1', 'folder/', 'loop -> loop'])
    expect(await refusalOf(readSource({ kind: 'file', path }, cwd))).toBe(refusal)
  })
})
