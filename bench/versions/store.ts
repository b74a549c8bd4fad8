/**
 * What versions take in a store and how long it takes to use them, in one process. Bundled and run by ../versions.mjs with a
 * folder and a file that holds the contents of a real version; prints rows of JSON: what, measured, baseline, aim.
 *
 * Each version differs from the one before by an edit of a task: its text in the module, its hash, and the facts that follow;
 * in every fifth also by the policy of a step.
 */
import { createHash } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { open as openDatabase } from '../../src/store/libsql.ts'
import { gc, openStore, type Store, type VersionRow } from '../../src/store/index.ts'
import type { Json } from '../../src/util/json.ts'

const VERSIONS = 1_000
const ROUNDS = 15
/** Small enough that a disk's moods meet both alike. */
const SLICE = 20
const SLICES = 15
const LINE = 'tutti.ts#pipeline'

interface Version {
  readonly row: VersionRow
  readonly contents: Buffer
}

type Row = readonly [what: string, measured: string, baseline: string, aim: string]

const [, , folder = '', base = ''] = process.argv
const history = editsOf(readFileSync(base, 'utf8'))
const rows: Row[] = [...(await space()), ...(await reading()), ...(await commits()), await collecting()]
for (const row of rows) console.log(JSON.stringify(row))

function editsOf(contents: string): readonly Version[] {
  const history: Version[] = [versionOf(0, contents, sha('graph'))]
  const names = [...contents.matchAll(/"(step\d+)":"([0-9a-f]{64})"/g)]
  let text = contents
  let graph = sha('graph')
  for (let index = 1; index < VERSIONS; index += 1) {
    const [, step = '', hash = ''] = names[(index * 37) % names.length] ?? []
    text = text.replace(new RegExp(`("${step}":")[0-9a-f]{64}`), `$1${sha(`${hash} ${index}`)}`)
    text = text.replace(
      new RegExp(`(const ${step} = task[^\\\\]*\\\\n)(  // edit \\d+\\\\n)?`),
      `$1  // edit ${index}\\n`,
    )
    if (index % 5 === 0) {
      text = text.replace(new RegExp(`("id":"${step}"[^{]*"policy":{)[^}]*`), `$1"timeoutMs":${index}000`)
      graph = sha(`graph ${index}`)
    }
    history.push(versionOf(index, text, graph))
  }
  if (new Set(history.map(({ row }) => row.hash)).size !== VERSIONS) throw new Error('some edits change nothing')
  return history
}

function versionOf(index: number, text: string, graph: string): Version {
  const facts = {
    message: `Edit a step, for the ${index}. time`,
    commit: { id: sha(`commit ${index}`).slice(0, 40), clean: true },
    channel: 'stable',
    ...{ node: process.version, platform: `${process.platform}-${process.arch}` },
    ...{ graph, bundle: sha(text), packages: sha('packages') },
    ...(index === 0 ? { bump: 'first' } : { since: `1.0.${index - 1}`, bump: 'patch' }),
    changes: [`patch: the code of step${(index * 37) % 100} is another one`],
  }
  const row = {
    line: LINE,
    number: `1.0.${index}`,
    hash: sha(`face of ${text}`),
    atMs: 1_764_169_200_000 + index * 61_337,
  }
  return { row: { ...row, facts: facts as Json }, contents: Buffer.from(text) }
}

async function space(): Promise<readonly Row[]> {
  const [one, all] = [await filled('one', 1), await filled('all', VERSIONS)]
  const first = history[0]!
  const plain = first.contents.length + JSON.stringify(first.row).length
  const packed = rowBytes(all)
  const name = `${VERSIONS.toLocaleString('en-US')} versions of a workflow of 100 steps`
  return [
    [
      `${name}, the store's folder`,
      kb(bytesOf(all)),
      `with one: ${kb(bytesOf(one))}, ${times(bytesOf(all), bytesOf(one))}`,
      '< 5 x',
    ],
    [`${name}, their rows alone`, kb(packed), `one as it is: ${kb(plain)}, ${times(packed, plain)}`, '< 5 x'],
    [
      `${name}, each deflated by itself`,
      kb(sum(history.map(({ contents }) => deflateRawSync(contents).length))),
      '',
      '',
    ],
  ]
}

async function reading(): Promise<readonly Row[]> {
  const store = await openStore(join(folder, 'all'), { durability: 'normal' })
  const facts = history.map(({ row }) => JSON.stringify(row))
  const list = medianMs(() => store.versions.list(LINE))
  const parse = medianMs(() => facts.map(text => JSON.parse(text) as unknown))
  const last = VERSIONS - 1
  const whole = deflateRawSync(history[0]!.contents)
  const inflate = medianMs(() => inflateRawSync(whole))
  const read = (index: number) =>
    medianMs(
      () => checked(store, index),
      () => checked(store, (index + 500) % VERSIONS),
    )
  const deepest = Math.max(...[332, 333, 334, 666, 667, last].map(read))
  const found: Row[] = [
    [
      `listing ${VERSIONS} versions`,
      `${list.toFixed(1)} ms`,
      `parsing their facts: ${parse.toFixed(1)} ms`,
      '< 100 ms',
    ],
    ['contents of the oldest', `${read(0).toFixed(2)} ms`, `inflating them: ${inflate.toFixed(2)} ms`, ''],
    ['contents of the newest', `${read(last).toFixed(2)} ms`, '', ''],
    ['contents at the end of the longest series', `${deepest.toFixed(2)} ms`, '', ''],
    [
      'contents of all, in order',
      `${timed(() => history.map((_, index) => checked(store, index))).toFixed(0)} ms`,
      '',
      '',
    ],
  ]
  await store.close()
  return found
}

function checked(store: Store, index: number): void {
  const { row, contents } = history[index]!
  if (!contents.equals(store.versions.contents(LINE, row.number))) throw new Error(`${row.number} is another one`)
}

/** In alternating slices with the raw sync of 200 bytes. */
async function commits(): Promise<readonly Row[]> {
  const store = await openStore(join(folder, 'commits'), { durability: 'full' })
  const file = openSync(join(folder, 'raw'), 'a')
  const line = Buffer.alloc(200, 120)
  const ms = { raw: 0, publish: 0, point: 0 }
  for (let slice = 0; slice < SLICES; slice += 1) {
    const turns = Array.from({ length: SLICE }, (_, index) => slice * SLICE + index)
    ms.raw += timed(() => {
      for (const _ of turns) {
        writeSync(file, line)
        fdatasyncSync(file)
      }
    })
    ms.publish += timed(() => {
      for (const index of turns) publish(store, index)
    })
    ms.point += timed(() => {
      for (const index of turns) store.versions.point(LINE, { number: `1.0.${index}`, how: 'pinned', atMs: index })
    })
  }
  closeSync(file)
  await store.close()
  const each = (total: number): number => total / (SLICE * SLICES)
  const raw = `raw fdatasync: ${each(ms.raw).toFixed(2)} ms, `
  return [
    ['publishing, durably', `${each(ms.publish).toFixed(2)} ms`, raw + times(ms.publish, ms.raw), ''],
    ['a rewind, durably', `${each(ms.point).toFixed(2)} ms`, raw + times(ms.point, ms.raw), 'one commit'],
  ]
}

async function collecting(): Promise<Row> {
  const startedMs = performance.now()
  await gc(join(folder, 'all'), { runs: 0, endedAfterMs: 0 })
  const keepMs = performance.now() - startedMs
  const againMs = performance.now()
  await gc(join(folder, 'all'), { runs: 0, endedAfterMs: 0, versions: 100 })
  return [
    'gc over all of them',
    `${keepMs.toFixed(0)} ms`,
    `with --keep-versions 100: ${(performance.now() - againMs).toFixed(0)} ms`,
    '< 2 s',
  ]
}

async function filled(name: string, count: number): Promise<string> {
  const store = await openStore(join(folder, name), { durability: 'normal' })
  for (let index = 0; index < count; index += 1) publish(store, index)
  await store.close()
  return join(folder, name)
}

function publish(store: Store, index: number): void {
  const { row, contents } = history[index]!
  if (store.versions.publish(row, contents, index, 'current') !== 'published') throw new Error('stale')
}

function rowBytes(store: string): number {
  const database = openDatabase(join(store, 'store.db'))
  // Beside the columns: the id, the header of the record, and its place in the page.
  const [[bytes] = []] = database
    .prepare(
      'SELECT sum(length(number) + length(facts) + length(contents) + length(digest) + length(contents_digest) + 16) FROM versions',
    )
    .all([])
  database.close()
  return Number(bytes)
}

function bytesOf(store: string): number {
  const entries = readdirSync(store, { recursive: true, withFileTypes: true })
  return sum(entries.map(entry => (entry.isFile() ? statSync(join(entry.path, entry.name)).size : 0)))
}

/** `before`: not counted. */
function medianMs(work: () => unknown, before?: () => unknown): number {
  const found = Array.from({ length: ROUNDS }, () => {
    before?.()
    return timed(work)
  })
  return found.sort((a, b) => a - b)[ROUNDS >> 1]!
}

function timed(work: () => unknown): number {
  const startedMs = performance.now()
  work()
  return performance.now() - startedMs
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
function kb(bytes: number): string {
  return `${Math.round(bytes / 1_000).toLocaleString('en-US')} kB`
}
function times(measured: number, baseline: number): string {
  return `${(measured / baseline).toFixed(2)} x`
}
