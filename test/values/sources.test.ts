/** Every kind of source, and what can be wrong with it: what is found, what it hung on, what is warned and refused. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Source } from '../../src/core/graph/graph.ts'
import { openBlobs } from '../../src/store/blobs.ts'
import { type Diagnostic, Refusal } from '../../src/util/diagnostic.ts'
import { type LocalDir, type LocalFile, type LocalFiles, valueStore } from '../../src/values/index.ts'
import { isUnchanged } from '../../src/values/seen.ts'
import { type Look, lookAt, type Looking } from '../../src/values/sources.ts'
import { Stamps } from '../../src/values/stamps.ts'

let top: string
let cwd: string
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-sources-')))
  cwd = join(top, 'project')
  mkdirSync(cwd)
})
afterEach(() => {
  execFileSync('chmod', ['-R', 'u+rwX', top])
  rmSync(top, { recursive: true, force: true })
})

/** `path: content`, `path/`: an empty folder, `path -> target`: a link. */
function write(...lines: readonly string[]): void {
  for (const line of lines) {
    const [name = '', content = ''] = line.split(': ')
    const [path = '', target] = name.split(' -> ')
    const file = join(cwd, path)
    mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true })
    if (target !== undefined) symlinkSync(target, file)
    else if (!path.endsWith('/')) writeFileSync(file, content)
  }
}

interface Told extends Look {
  readonly warnings: readonly string[]
}

async function look(source: Source, looking: Partial<Looking> = {}): Promise<Told> {
  const warnings: string[] = []
  const warn = ({ code, message }: Diagnostic): void => void warnings.push(`${code}: ${message.replaceAll(top, 'TOP')}`)
  return { ...(await lookAt(source, cwd, { warn, ...looking })), warnings }
}

const globs = (...given: readonly string[]): Source => ({ kind: 'files', globs: given })
const pathsOf = ({ value }: Look): readonly string[] => (value as LocalFiles).paths
const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing refused',
    problem =>
      problem instanceof Refusal
        ? `${problem.diagnostics[0]!.code}: ${problem.diagnostics[0]!.message.replaceAll(top, 'TOP')}`
        : String(problem),
  )
const now = (over: Partial<Parameters<typeof isUnchanged>[1]> = {}): Parameters<typeof isUnchanged>[1] => ({
  stamps: new Stamps(),
  env: process.env,
  nowMs: Date.now(),
  ...over,
})
/** What the system says to who may not read a path; root, as which tests may run, may read all. */
function denied(forbidden: string): Stamps {
  class Denied extends Stamps {
    override hashNow(...[path, stats]: Parameters<Stamps['hashNow']>): ReturnType<Stamps['hashNow']> {
      return path === forbidden ? deny() : super.hashNow(path, stats)
    }
    override readListNow(...[path, stats]: Parameters<Stamps['readListNow']>): ReturnType<Stamps['readListNow']> {
      return path === forbidden ? deny() : super.readListNow(path, stats)
    }
  }
  return new Denied()
}

function deny(): never {
  throw Object.assign(new Error('denied'), { code: 'EACCES' })
}

describe('globs', () => {
  const tree = [
    'a.ts: 1',
    'b.js: 2',
    'src/c.ts: 3',
    'src/C.ts: 4',
    'src/deep/er/d.ts: 5',
    'src/[x].ts: 6',
    'src/.hidden.ts: 7',
    '.github/w.yml: 8',
    'src/.gen/e.ts: 9',
    'node_modules/p/n.ts: 10',
    'src/node_modules/q/m.ts: 11',
    '.tutti/store.ts: 12',
    'empty/',
  ]
  test.each<[name: string, globs: readonly string[], paths: readonly string[]]>([
    ['all of a kind', ['**/*.ts'], ['a.ts', 'src/C.ts', 'src/[x].ts', 'src/c.ts', 'src/deep/er/d.ts']],
    ['in one folder', ['src/*.ts'], ['src/C.ts', 'src/[x].ts', 'src/c.ts']],
    ['a folder by its name', ['src/deep'], ['src/deep/er/d.ts']],
    ['a folder with a slash', ['src/deep/'], ['src/deep/er/d.ts']],
    ['a file by its name', ['a.ts'], ['a.ts']],
    ['with braces', ['{a,b}.{ts,js}'], ['a.ts', 'b.js']],
    ['all but some', ['**/*.ts', '!src/deep/**', '!**/[[]*'], ['a.ts', 'src/C.ts', 'src/c.ts']],
    ['all but a folder', ['**/*.ts', '!src'], ['a.ts']],
    ['escaped signs', ['src/\\[x\\].ts'], ['src/[x].ts']],
    ['case counts', ['src/C*'], ['src/C.ts']],
    ['a hidden folder that is named', ['.github/**'], ['.github/w.yml']],
    ['hidden ones below', ['src/**/.*', 'src/**/.gen/*'], ['src/.gen/e.ts', 'src/.hidden.ts']],
    ['node_modules when named', ['node_modules/p/*.ts'], ['node_modules/p/n.ts']],
    ['dots in front', ['./src/*.ts', './a.ts'], ['a.ts', 'src/C.ts', 'src/[x].ts', 'src/c.ts']],
    ['dots and slashes inside', ['src/.//deep/./**/.', './/a.ts/'], ['a.ts', 'src/deep/er/d.ts']],
    [
      'overlapping globs',
      ['src/**/*.ts', 'src/c.ts', 'src/**'],
      ['src/C.ts', 'src/[x].ts', 'src/c.ts', 'src/deep/er/d.ts'],
    ],
    ['a detour', ['../project/a.ts', 'src/../b.js'], ['a.ts', 'b.js']],
    ['alternatives', ['src/(c|C).ts'], ['src/C.ts', 'src/c.ts']],
    ['not what is negated inside', ['!(a).ts', '*.js'], ['b.js']],
  ])('%s', async (_name, given, paths) => {
    write(...tree)
    expect(pathsOf(await look(globs(...given)))).toEqual(paths)
  })

  test('an absolute glob means what a relative one means', async () => {
    write(...tree)
    expect(pathsOf(await look(globs(join(cwd, 'src/*.ts'))))).toEqual(['src/C.ts', 'src/[x].ts', 'src/c.ts'])
  })

  test('of another folder start there', async () => {
    write('api/src/a.ts: 1')
    const { value } = await look({ kind: 'files', globs: ['src/*.ts'], dir: 'api' })
    expect([(value as LocalFiles).cwd, (value as LocalFiles).paths]).toEqual([join(cwd, 'api'), ['src/a.ts']])
  })

  test('only folders that may hold something are looked into', async () => {
    write(...tree)
    const foldersOf = async (...given: readonly string[]): Promise<readonly string[]> =>
      (await look(globs(...given))).seen.folders.map(([path]) => path.slice(cwd.length + 1)).sort()
    expect(await foldersOf('*.ts')).toEqual([''])
    expect(await foldersOf('src/*/er/*.ts')).toEqual(['src', 'src/deep', 'src/deep/er'])
    expect(await foldersOf('src/**', '!src/deep')).toEqual(['src'])
    expect(await foldersOf('src/c.ts')).toEqual([])
  })
})

describe('ignore files', () => {
  beforeEach(() =>
    write(
      '.gitignore: *.log\n/build/\nsecret/*\n!secret/kept.ts\n',
      'a.ts: 1',
      'a.log: 2',
      'build/b.ts: 3',
      'pkg/build/c.ts: 4',
      'pkg/.gitignore: !x.log\ngen\n',
      'pkg/x.log: 5',
      'pkg/gen/d.ts: 6',
      'secret/e.ts: 7',
      'secret/kept.ts: 8',
    ),
  )
  const all = (ignore: 'gitignore' | 'none'): Source => ({ kind: 'files', globs: ['**'], ignore })

  test('count when asked for: nested ones, negations, folders', async () => {
    expect(pathsOf(await look(all('gitignore')))).toEqual(['a.ts', 'pkg/build/c.ts', 'pkg/x.log', 'secret/kept.ts'])
  })

  test('do not count otherwise', async () => {
    expect(pathsOf(await look(all('none')))).toHaveLength(8)
    expect(pathsOf(await look(globs('**')))).toHaveLength(8)
  })

  test('of the repository around count too, those around it do not', async () => {
    write('.git/HEAD: x')
    writeFileSync(join(top, '.gitignore'), '*.ts')
    const found = (await lookAt(all('gitignore'), join(cwd, 'pkg'))).value as LocalFiles
    expect(found.paths).toEqual(['build/c.ts', 'x.log'])
  })

  test.each<[name: string, change: () => void]>([
    ['one changes', () => appendFileSync(join(cwd, '.gitignore'), 'a.ts')],
    ['one comes', () => writeFileSync(join(cwd, 'secret/.gitignore'), '*')],
    ['one goes', () => rmSync(join(cwd, 'pkg/.gitignore'))],
  ])('are part of what a look hung on: %s', async (_name, change) => {
    const { seen } = await look(all('gitignore'))
    expect(isUnchanged(seen, now())).toBe(true)
    change()
    expect(isUnchanged(seen, now())).toBe(false)
  })

  test('that might come above a base are looked out for', async () => {
    write('.git/HEAD: x', 'lib/src/a.ts: 1')
    const { seen, value } = await look({ kind: 'files', globs: ['lib/src/*.ts'], ignore: 'gitignore' })
    expect((value as LocalFiles).paths).toEqual(['lib/src/a.ts'])
    write('lib/.gitignore: src')
    expect(isUnchanged(seen, now())).toBe(false)
    expect(pathsOf(await look({ kind: 'files', globs: ['lib/src/*.ts'], ignore: 'gitignore' }))).toEqual([])
  })
})

describe('links', () => {
  test('count with what they lead to', async () => {
    write('real/a.ts: one', 'link -> real', 'b.ts -> real/a.ts')
    const { value, seen } = await look(globs('**/*.ts'))
    expect((value as LocalFiles).paths).toEqual(['b.ts', 'link/a.ts', 'real/a.ts'])
    expect(new Set((value as LocalFiles).contents.map(({ hash }) => hash)).size).toBe(1)
    writeFileSync(join(cwd, 'real/a.ts'), 'two')
    expect(isUnchanged(seen, now())).toBe(false)
  })

  test('that lead elsewhere now are noticed', async () => {
    write('one/a.ts: 1', 'two/a.ts: 2', 'link -> one')
    const { seen } = await look(globs('link/*.ts'))
    rmSync(join(cwd, 'link'))
    write('link -> two')
    expect(isUnchanged(seen, now())).toBe(false)
  })

  test('that lead in a circle are not followed, and named', async () => {
    write('a/x.ts: 1', 'a/b/y.ts: 2', 'a/b/up -> ..', 'self -> self', 'round -> .')
    const { warnings, ...found } = await look(globs('**/*.ts'))
    expect(pathsOf(found)).toEqual(['a/b/y.ts', 'a/x.ts'])
    expect(warnings).toEqual([
      'SOURCE_LOOP: The link a/b/up, round, self leads back to a folder around it: it is not followed',
    ])
  })

  test('between folders end, too', async () => {
    write('a/x.ts: 1', 'b/y.ts: 2', 'a/b -> ../b', 'b/a -> ../a')
    const { warnings, ...found } = await look(globs('**/*.ts'))
    expect(pathsOf(found)).toEqual(['a/b/y.ts', 'a/x.ts', 'b/a/x.ts', 'b/y.ts'])
    expect(warnings).toHaveLength(1)
  })

  test('that lead nowhere are left out, with a warning, and their target is awaited', async () => {
    write('a.ts: 1', 'gone.ts -> nowhere.ts', 'gone.js -> nowhere.js')
    const { warnings, seen, ...found } = await look(globs('*.ts'))
    expect([pathsOf({ ...found, seen }), warnings]).toEqual([
      ['a.ts'],
      ['SOURCE_LINK_BROKEN: The link gone.ts leads nowhere: it is left out'],
    ])
    expect(isUnchanged(seen, now())).toBe(true)
    writeFileSync(join(cwd, 'nowhere.ts'), '1')
    expect(isUnchanged(seen, now())).toBe(false)
  })
})

describe('what can be wrong', () => {
  test.each<[name: string, tree: readonly string[], source: Source, told: string]>([
    [
      'a glob without a match',
      ['a.js: 1'],
      globs('*.ts', '!x'),
      "SOURCE_EMPTY: No file matches files('*.ts', '!x') in TOP/project",
    ],
    [
      'a folder that is not there',
      [],
      globs('none/**'),
      "SOURCE_EMPTY: No file matches files('none/**') in TOP/project",
    ],
    ['below a file', ['a: 1'], globs('a/*.ts'), "SOURCE_EMPTY: No file matches files('a/*.ts') in TOP/project"],
    [
      'a glob outside',
      ['../other/a.ts: 1'],
      globs('../other/*.ts'),
      'SOURCE_OUTSIDE: The source ../other/a.ts lies outside of the project: elsewhere it is another one, or none',
    ],
    [
      'a file outside',
      ['../other/a.ts: 1'],
      { kind: 'file', path: '../other/a.ts' },
      'SOURCE_OUTSIDE: The source ../other/a.ts lies outside of the project: elsewhere it is another one, or none',
    ],
    [
      'a folder outside',
      ['../other/a.ts: 1'],
      { kind: 'dir', path: '../other' },
      'SOURCE_OUTSIDE: The source ../other lies outside of the project: elsewhere it is another one, or none',
    ],
  ])('%s is warned of', async (_name, tree, source, told) => {
    write(...tree)
    expect((await look(source)).warnings).toEqual([told])
  })

  test.each<[name: string, tree: readonly string[]]>([
    ['in the same repository', ['../.git/HEAD: x', '../other/a.ts: 1']],
    ['in another project', ['../other/tutti.ts: x', '../other/a.ts: 1']],
  ])('a source outside, but %s, is none', async (_name, tree) => {
    write(...tree)
    expect((await look({ kind: 'file', path: '../other/a.ts' })).warnings).toEqual([])
    expect((await look(globs('../other/a.ts'))).warnings).toEqual([])
  })

  test.each<[name: string, source: Source, told: string]>([
    ['no such file', { kind: 'file', path: 'none' }, 'SOURCE_MISSING: The source none does not exist in TOP/project'],
    ['below a file', { kind: 'file', path: 'a/b' }, 'SOURCE_MISSING: The source a/b does not exist in TOP/project'],
    ['a folder for a file', { kind: 'file', path: 'd' }, 'SOURCE_UNREADABLE: The source d is not a file'],
    ['a file for a folder', { kind: 'dir', path: 'a' }, 'SOURCE_UNREADABLE: The source a is not a folder'],
    ['no such folder', { kind: 'dir', path: 'none' }, 'SOURCE_MISSING: The source none does not exist in TOP/project'],
    ['a circle of links', { kind: 'file', path: 'loop' }, 'SOURCE_UNREADABLE: The source loop cannot be read (ELOOP)'],
    ['a pipe', { kind: 'file', path: 'pipe' }, 'SOURCE_UNREADABLE: The source pipe is not a file'],
    [
      'no such variable',
      { kind: 'env', name: 'TUTTI_NONE' },
      'SOURCE_MISSING: The environment variable TUTTI_NONE is not set',
    ],
    [
      'no such result',
      { kind: 'result', workflow: 'nightly' },
      'SOURCE_MISSING: No run of the workflow nightly has succeeded in this store',
    ],
  ])('%s is refused', async (_name, source, told) => {
    write('a: 1', 'd/', 'loop -> loop')
    execFileSync('mkfifo', [join(cwd, 'pipe')])
    expect(await refusalOf(look(source))).toBe(told)
  })

  test('a folder that cannot be read is named', async () => {
    write('a.ts: 1', 'locked/b.ts: 2')
    const stamps = denied(join(cwd, 'locked'))
    expect(await refusalOf(look(globs('**/*.ts'), { stamps }))).toBe(
      'SOURCE_UNREADABLE: The folder locked cannot be read (EACCES)',
    )
    expect(pathsOf(await look(globs('**/*.ts', '!locked'), { stamps }))).toEqual(['a.ts'])
  })

  test('a file that cannot be read is named', async () => {
    write('src/a.ts: 1')
    expect(await refusalOf(look(globs('**/*.ts'), { stamps: denied(join(cwd, 'src/a.ts')) }))).toBe(
      'SOURCE_UNREADABLE: The source src/a.ts cannot be read (EACCES)',
    )
  })

  test('a file that goes between listing and reading is left out, and the look is not taken for good', async () => {
    write('a.ts: 1', 'b.ts: 2')
    const stamps = new Stamps()
    const list = stamps.readListNow.bind(stamps)
    stamps.readListNow = (path, stats) => {
      const listed = list(path, stats)
      rmSync(join(cwd, 'b.ts'))
      return listed
    }
    const told = await look(globs('*.ts'), { stamps })
    expect(pathsOf(told)).toEqual(['a.ts'])
    expect(isUnchanged(told.seen, now())).toBe(false)
  })

  test('a file that goes on changing is refused', async () => {
    write(`log: ${'x'.repeat(2_000_000)}`)
    let on = true
    const writing = (async () => {
      while (on) {
        appendFileSync(join(cwd, 'log'), 'y')
        await new Promise(setImmediate)
      }
    })()
    expect(await refusalOf(look(globs('log')))).toBe('SOURCE_CHANGING: TOP/project/log changes while it is read')
    on = false
    await writing
  })

  test('a clock that goes back does not hide a change', async () => {
    write('a.ts: one')
    const tomorrow = new Date(Date.now() + 86_400_000)
    utimesSync(join(cwd, 'a.ts'), tomorrow, tomorrow)
    const stamps = new Stamps()
    const { seen } = await look(globs('a.ts'), { stamps })
    writeFileSync(join(cwd, 'a.ts'), 'two')
    utimesSync(join(cwd, 'a.ts'), tomorrow, tomorrow)
    expect(isUnchanged(seen, now({ stamps }))).toBe(false)
  })
})

describe('a folder', () => {
  const source: Source = { kind: 'dir', path: 'data' }
  const hashOf = async (): Promise<string> => {
    const blobs = openBlobs(join(top, 'store'), 'normal')
    const values = valueStore(blobs, { cwd })
    const ref = await values.encode((await look(source)).value, { task: 'look' })
    expect(((await values.decode(ref)) as LocalDir).path).toBe(join(cwd, 'data'))
    expect([existsSync(join(top, 'store/blobs')), values.outputs.isRight(ref)]).toEqual([false, true])
    return ref.hash
  }

  test.each<[name: string, change: () => void, same: boolean]>([
    ['nothing', () => undefined, true],
    ['a time', () => utimesSync(join(cwd, 'data/a'), 1, 1), true],
    ['content', () => writeFileSync(join(cwd, 'data/b/c'), 'x'), false],
    ['a hidden file', () => writeFileSync(join(cwd, 'data/.h'), 'x'), false],
    ['a name', () => renameSync(join(cwd, 'data/a'), join(cwd, 'data/z')), false],
    ['an executable bit', () => chmodSync(join(cwd, 'data/a'), 0o755), false],
    ['an empty folder', () => mkdirSync(join(cwd, 'data/new')), false],
    ['what a link leads to', () => writeFileSync(join(cwd, 'else'), 'x'), false],
    ['beside it', () => writeFileSync(join(cwd, 'beside'), 'x'), true],
  ])('is known by content: %s changed', async (_name, change, same) => {
    write('data/a: 1', 'data/b/c: 2', 'data/.h: 3', 'data/empty/', 'else: 4', 'data/link -> ../else')
    const before = await hashOf()
    const { seen } = await look(source)
    expect(isUnchanged(seen, now())).toBe(true)
    change()
    expect([(await hashOf()) === before, isUnchanged(seen, now())]).toEqual([same, same])
  })
})

describe('the environment and the time', () => {
  test('a variable holds until it changes', async () => {
    const { value, seen } = await look({ kind: 'env', name: 'X', default: 'd' }, { env: { X: '1' } })
    const holds = (env: { readonly [name: string]: string }): boolean => isUnchanged(seen, now({ env }))
    expect([value, holds({ X: '1' }), holds({ X: '2' }), holds({})]).toEqual(['1', true, false, false])
  })

  test('a clock moves once in so long', async () => {
    const hourMs = 3_600_000
    const at = (ms: number) => look({ kind: 'time', everyMs: hourMs }, { now: () => Date.UTC(2026, 0, 1, 10) + ms })
    expect((await at(hourMs - 1)).value).toBe('2026-01-01T10:00:00.000Z')
    expect((await at(hourMs)).value).toBe('2026-01-01T11:00:00.000Z')
    const { seen } = await at(5)
    const holds = (ms: number): boolean => isUnchanged(seen, now({ nowMs: Date.UTC(2026, 0, 1, 10) + ms }))
    expect([holds(0), holds(hourMs - 1), holds(hourMs), holds(-1)]).toEqual([true, true, false, false])
  })

  test('the result of another workflow is looked up each time', async () => {
    const { value, seen } = await look(
      { kind: 'result', workflow: 'nightly' },
      { latestResult: async workflow => ({ value: { workflow } }) },
    )
    expect([value, isUnchanged(seen, now())]).toEqual([{ workflow: 'nightly' }, false])
  })
})

describe('an address', () => {
  let server: Server
  let answer: RequestListener
  let asked: (readonly [header: string | undefined, since: string | undefined])[]
  let url: string
  beforeEach(async () => {
    asked = []
    server = createServer((request, response) => {
      asked.push([request.headers['if-none-match'], request.headers['if-modified-since']])
      answer(request, response)
    })
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data/list.json`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })
  const fetched = async (more: { readonly everyMs?: number } = {}, looking: Partial<Looking> = {}) => {
    const told = await look({ kind: 'http', url, ...more }, looking)
    return { ...told, path: (told.value as LocalFile).path, text: await (told.value as LocalFile).text() }
  }

  test('is asked again with its ETag, and not sent again', async () => {
    answer = (request, response) =>
      request.headers['if-none-match'] === '"1"'
        ? response.writeHead(304).end()
        : response.writeHead(200, { etag: '"1"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }).end('[1]')
    const first = await fetched()
    expect([
      first.text,
      first.path.startsWith(join(cwd, '.tutti/restored/http/')),
      first.path.endsWith('/list.json'),
    ]).toEqual(['[1]', true, true])
    expect((await fetched()).text).toBe('[1]')
    expect(asked).toEqual([
      [undefined, undefined],
      ['"1"', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    ])
    expect(isUnchanged(first.seen, now())).toBe(false)
  })

  test('whose file was edited or removed is fetched anew', async () => {
    answer = (request, response) =>
      request.headers['if-none-match']
        ? response.writeHead(304).end()
        : response.writeHead(200, { etag: '"1"' }).end('[1]')
    const { path } = await fetched()
    writeFileSync(path, '[2]')
    expect((await fetched()).text).toBe('[1]')
    rmSync(path)
    expect((await fetched()).text).toBe('[1]')
    writeFileSync(join(dirname(path), '.answer.json'), '{')
    expect((await fetched()).text).toBe('[1]')
    expect(asked.map(([etag]) => etag)).toEqual([undefined, undefined, undefined, undefined])
  })

  test('with `every` is not asked before that time, nor when the clock went back', async () => {
    answer = (_request, response) => response.end(String(asked.length))
    const startMs = Date.now()
    const at = (ms: number) => fetched({ everyMs: 1_000 }, { now: () => startMs + ms })
    expect([(await at(0)).text, (await at(999)).text, (await at(1_000)).text, (await at(500)).text]).toEqual([
      '1',
      '1',
      '2',
      '3',
    ])
    const { seen } = await at(500)
    const holds = (ms: number): boolean => isUnchanged(seen, now({ nowMs: startMs + ms }))
    expect([holds(500), holds(1_499), holds(1_500), holds(499)]).toEqual([true, true, false, false])
  })

  test('that is moved is followed; headers are sent', async () => {
    let token: string | undefined
    answer = (request, response) => {
      token = request.headers['x-api'] as string
      if (request.url === '/moved') response.end('here')
      else response.writeHead(302, { location: '/moved' }).end()
    }
    const { value } = await look({ kind: 'http', url, headers: { 'x-api': '2' } })
    expect([await (value as LocalFile).text(), token]).toEqual(['here', '2'])
  })

  test.each<[status: number, told: string]>([
    [404, 'answered 404 Not Found'],
    [500, 'answered 500 Internal Server Error'],
    [304, 'answered 304 Not Modified'],
  ])('that answers %i is refused', async (status, told) => {
    answer = (_request, response) => response.writeHead(status).end('no')
    expect(await refusalOf(fetched())).toBe(`SOURCE_UNREACHABLE: ${url} ${told}`)
  })

  test('that breaks off is refused, and nothing half is kept', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    }
    expect(await refusalOf(fetched())).toMatch(/^SOURCE_UNREACHABLE: .* cannot be reached: /)
    answer = (_request, response) => response.end('whole')
    expect((await fetched()).text).toBe('whole')
  })

  test('where nobody listens is refused', async () => {
    await new Promise(resolve => server.close(resolve))
    expect(await refusalOf(fetched())).toBe(`SOURCE_UNREACHABLE: ${url} cannot be reached: ECONNREFUSED`)
  })

  test('that never answers is given up', async () => {
    answer = () => undefined
    expect(await refusalOf(fetched({}, { signal: AbortSignal.timeout(50) }))).toBe(
      `SOURCE_UNREACHABLE: ${url} did not answer in time`,
    )
  })

  test('is a value whose content the store has', async () => {
    answer = (_request, response) => response.end('x'.repeat(5_000))
    const values = valueStore(openBlobs(join(top, 'store'), 'normal'), { cwd })
    const { value, path } = await fetched()
    const ref = await values.encode(value, { task: 'fetch' })
    rmSync(join(cwd, '.tutti'), { recursive: true })
    await values.decode(ref)
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(5_000))
  })
})
