/** What queries find in stores of real runs, and that they find the same whatever has happened to the index. */
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Graph } from '../../src/core/index.ts'
import { count, type Found, find, nodes, openSearch, p95, runs, steps, values } from '../../src/search/index.ts'
import { gc, type Store } from '../../src/store/index.ts'
import { refuse } from '../../src/util/diagnostic.ts'
import { newFolder, openNew, runAll, writeLines } from './stores.ts'

let store: Store

beforeAll(async () => {
  store = await openNew(newFolder())
  await runAll(store, ['good-1', 'bad-1', 'good-2'])
  writeLines(store.path, 'good-1', [
    { step: 'compile', text: 'compiling main.ts', atMs: 1 },
    { step: 'each[y%2F1]/flaky', text: 'ECONNRESET: again', stream: 'stderr', atMs: 3 },
  ])
  writeLines(store.path, 'bad-1', [{ step: 'deploy', text: 'ECONNRESET, then "host" is down', stream: 'log', atMs: 2 }])
  return () => store.close()
})

/** A row in a few words. */
function short(row: Found): string {
  const {
    run,
    path,
    id,
    workflow,
    text,
    count: many,
  } = row as {
    readonly [field: string]: string | undefined
  } & { readonly run?: { readonly id: string } }
  if (many !== undefined)
    return Object.values(row)
      .map(each => JSON.stringify(each))
      .join(' ')
  if (text !== undefined) return `${path}: ${text}`
  return run ? `${run.id} ${path}` : path === undefined ? id! : `${workflow} ${path}`
}

const found = async (query: string): Promise<readonly string[]> => (await find(store, query)).map(short)

const QUERIES: readonly (readonly [query: string, ...rows: readonly string[]])[] = [
  ['run where failed', 'bad-1'],
  ['runs where status = succeeded order by id', 'good-1', 'good-2'],
  ["run where id ~ '^good' order by id desc limit 1", 'good-2'],
  ["run where error.message contains 'down' and error.code = HOST_DOWN", 'bad-1'],
  ['run where not has error.code order by id', 'good-1', 'good-2'],
  ["run where error.code != 'X'", 'bad-1'],
  ["run where not error.code = 'X' order by id", 'bad-1', 'good-1', 'good-2'],
  ['run where started = today and ended >= today order by id', 'bad-1', 'good-1', 'good-2'],
  ['run where started < -1d'],
  ['count run', '3'],

  ['step where failed', 'bad-1 deploy'],
  ['step where status = waiting and kind = effect', 'bad-1 notify'],
  ['step where skipped'],
  ["step where retried and run.id = 'good-1' order by path", 'good-1 each[x]/flaky', 'good-1 each[y/1]/flaky'],
  ["step where key = 'y/1' and name = weigh and run = 'good-2'", 'good-2 each[y/1]/weigh'],
  ["step where id = 'each[y%2F1]/weigh' and run = bad-1", 'bad-1 each[y/1]/weigh'],
  [
    "step where path = 'bundle/weigh' order by run.id",
    'bad-1 bundle/weigh',
    'good-1 bundle/weigh',
    'good-2 bundle/weigh',
  ],
  [
    "step where name = less and run = 'good-1' and kind = task and path ~ '^drain'",
    'good-1 drain/less#2',
    'good-1 drain/less#1',
  ],
  ["count step where run = 'good-1' and path ~ '^loop'", '13'],
  ["step where kind = flow and run = 'good-1'", 'good-1 drain'],
  [
    "step where error.code = 'ECONNRESET' and key = x order by run.id",
    'bad-1 each[x]/flaky',
    'good-1 each[x]/flaky',
    'good-2 each[x]/flaky',
  ],
  ['step where status in (failed, waiting) and kind in (effect, task) order by path', 'bad-1 deploy', 'bad-1 notify'],
  ['step where attempts > 1 and key = x and run.failed', 'bad-1 each[x]/flaky'],
  ['step where name = deploy group by status order by status', '"failed" 1', '"succeeded" 2'],
  [
    'step where name in (deploy, notify) group by name, status',
    '"deploy" "succeeded" 2',
    '"notify" "succeeded" 2',
    '"deploy" "failed" 1',
    '"notify" "waiting" 1',
  ],

  ["deploy -> step[run = 'bad-1']", 'bad-1 notify'],
  ['step[failed] <- * <- step[name = compile] where path = compile', 'bad-1 compile'],
  ["step[name = compile and run = 'bad-1'] -> * -> step where failed", 'bad-1 deploy'],
  ['step[failed] -> * -> step', 'bad-1 notify'],
  ["step[kind = task] -> step[kind = effect and run = 'good-1']", 'good-1 deploy'],

  ["step[retried and run = 'good-1'] -> step order by path", 'good-1 each[x]/weigh', 'good-1 each[y/1]/weigh'],
  ["step[key = x and run = 'good-1'] -> * -> step where name = weigh", 'good-1 each[x]/weigh'],
  ["step[name = notify] <- * <- step[key = x and run = 'good-1'] where name = flaky", 'good-1 each[x]/flaky'],
  ["step <- step[name = notify and run = 'good-1']"],
  ['compile -> * -> notify', 'release notify'],
  ["'bundle/compile' -> * -> *[kind = effect]", 'release deploy', 'release notify'],
  ['compile -> deploy -> node', 'release notify'],
  ['node where kind = effect and latest', 'release deploy', 'release notify'],
  ["node where path = 'loop[*]/less' and latest", 'release loop[*]/less'],
  ['node where retries = 2', 'release each[*]/flaky'],
  ['node -> * -> each'],
  ['each -> node', 'release deploy'],

  [
    'value where value.size > 4000 order by run.id, path',
    ...['bad-1', 'good-1', 'good-2'].flatMap(run => [`${run} bundle/compile`, `${run} compile`]),
  ],
  ["value where value.tags contains esm and run = 'good-1' and path = compile", 'good-1 compile'],
  ["value where value.file ~ /^INNER/i and run = 'good-1'", 'good-1 bundle/compile'],
  [
    "value where has value.'odd name' and value.'odd name' = null and run = 'good-1' and path = compile",
    'good-1 compile',
  ],
  ['value where value[199].price = 199', 'bad-1 when.then/large'],
  ['value where size > 1kB', 'bad-1 when.then/large'],
  ["value where value = 'told' order by run.id", 'good-1 notify', 'good-2 notify'],
  ["value where value in (7500, true) and run = 'good-1'", 'good-1 bundle/weigh'],
  [
    "value where value != 'told' and kind = effect and not value = 'x' order by run.id",
    'good-1 deploy',
    'good-2 deploy',
  ],

  [
    "log where text contains 'ECONNRESET'",
    'deploy: ECONNRESET, then "host" is down',
    'each[y/1]/flaky: ECONNRESET: again',
  ],
  ["log where text contains 'ECONNRESET' and step = deploy", 'deploy: ECONNRESET, then "host" is down'],
  ['log where text contains \'"host"\'', 'deploy: ECONNRESET, then "host" is down'],
  ["log where text contains 'econnreset'"],
  ['log where text ~ /econnreset/i and stream = stderr', 'each[y/1]/flaky: ECONNRESET: again'],
  ['log where run.succeeded and at < 2026-01-01 limit 1', 'compile: compiling main.ts'],
]

describe('queries', () => {
  test.each(QUERIES)('%s', async (query, ...rows) => {
    const answer = query.startsWith('count') ? [String(await count(store, query))] : await found(query)
    expect(answer).toEqual(rows)
  })

  test('a page at a time, in order, however many there are', async () => {
    const search = await openSearch(store)
    await search.refresh()
    const query = search.parse('step order by run.id, path')
    const pages: Found[] = []
    for await (const page of search.pages(query)) pages.push(...page)
    expect(pages.length).toBe(await search.count(query))
    const paths = pages.map(row => short(row))
    expect(paths).toEqual([...paths].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
    search.close()
  })
})

describe('the typed form', () => {
  test('finds what the text finds', async () => {
    const typed = await find(
      store,
      steps()
        .where(step => step.retried)
        .orderBy('path')
        .limit(2),
    )
    expect(typed.map(row => row.path)).toEqual(['each[x]/flaky', 'each[x]/flaky'])
    expect(typed).toEqual(await find(store, 'step where retried order by path limit 2'))
    expect(
      await count(
        store,
        steps().where(step => step.duration.above(p95)),
      ),
    ).toBe(await count(store, 'step where duration > p95'))
    const after = await find(
      store,
      steps()
        .where(step => step.failed)
        .after(step => step.name.is('compile')),
    )
    expect(after.map(row => row.run.id)).toEqual(['bad-1'])
    expect(
      await find(
        store,
        values().where(each => each.value.at(199, 'price').atLeast(199)),
      ),
    ).toHaveLength(1)
    expect(await find(store, runs().groupBy('status'))).toEqual([
      { status: 'succeeded', count: 2 },
      { status: 'failed', count: 1 },
    ])
    expect(
      (
        await find(
          store,
          nodes().before(node => node.name.is('notify'), 'direct'),
        )
      ).map(({ path }) => path),
    ).toEqual(['deploy'])
  })
})

describe('the index', () => {
  const indexOf = (folder: string): string => join(folder, 'search', 'index.db')
  /** Everything that is kept, as rows. */
  const everything = async (of: Store): Promise<unknown> => ({
    runs: await find(of, 'run order by id'),
    steps: await find(of, 'step order by run.id, id'),
    values: await find(of, 'value order by run.id, path, hash'),
    lines: await find(of, 'log order by run.id, at'),
    slow: await find(of, 'step where duration >= p50 order by run.id, id'),
  })

  const DAMAGES: readonly (readonly [how: string, damage: (index: string) => void])[] = [
    ['removed', index => rmSync(index)],
    ['cut off', index => truncateSync(index, 20_000)],
    ['empty', index => truncateSync(index, 0)],
    ['no database', index => writeFileSync(index, 'once upon a time')],
    ['overwritten in the middle', index => writeFileSync(index, readFileSync(index).fill(0xff, 4_096, 60_000))],
  ]

  test.each(DAMAGES)('I1: %s, it is made anew', async (_, damage) => {
    const before = await everything(store)
    // A copy: what this process still holds open of the other one must not help.
    const folder = newFolder()
    cpSync(store.path, folder, { recursive: true })
    for (const end of ['-wal', '-shm']) rmSync(indexOf(folder) + end, { force: true })
    damage(indexOf(folder))
    const copy = await openNew(folder)
    expect(await everything(copy)).toEqual(before)
    await copy.close()
  })

  test('it follows the store, run by run', async () => {
    const own = await openNew(newFolder())
    const search = await openSearch(own)
    for (const id of ['good-3', 'bad-3', 'good-4']) {
      await runAll(own, [id])
      await search.refresh()
      expect(await search.count(search.parse(`step where run = '${id}' and kind = effect`))).toBe(2)
    }
    search.close()
    const followed = await everything(own)
    rmSync(indexOf(own.path))
    expect(await everything(own)).toEqual(followed)
    await own.close()
  })

  test('I2: what was being written when it broke off is not there, or is there as a whole', async () => {
    const own = await openNew(newFolder())
    await runAll(own, ['good-5', 'bad-5', 'good-6'])
    let reads = 0
    const breaking: Store = {
      ...own,
      read: options => {
        reads += 1
        if (reads === 3) throw new Error('killed')
        return own.read(options)
      },
    }
    await expect(find(breaking, 'run')).rejects.toThrow('killed')
    expect(await count(own, 'run')).toBe(3)
    const whole = await everything(own)
    rmSync(join(own.path, 'search'), { recursive: true })
    expect(await everything(own)).toEqual(whole)
    await own.close()
  })

  test('a run that is damaged hides no other, and is told of each time', async () => {
    const own = await openNew(newFolder())
    await runAll(own, ['good-11', 'bad-11'])
    const broken: Store = {
      ...own,
      read: options => (options.run === 'bad-11' ? refuse('STORE_DAMAGED', 'a bit was flipped') : own.read(options)),
    }
    for (const _ of [1, 2]) {
      const search = await openSearch(broken)
      expect(await search.refresh()).toEqual({ unreadable: ['bad-11'] })
      expect(await search.count(search.parse('run'))).toBe(1)
      search.close()
    }
    expect(await count(own, 'run')).toBe(2)
    await own.close()
  })

  test('I3: what gc removed is found no more', async () => {
    const folder = newFolder()
    let own = await openNew(folder)
    await runAll(own, ['good-7', 'bad-7', 'good-8'])
    writeLines(folder, 'good-7', [{ step: 'compile', text: 'gone tomorrow' }])
    expect(await count(own, 'step where retried')).toBe(6)
    expect(await count(own, "log where text contains 'tomorrow'")).toBe(1)
    await own.close()
    await gc(folder, { runs: 1, endedAfterMs: Number.MAX_SAFE_INTEGER })
    own = await openNew(folder)
    expect((await find(own, 'run')).map(row => row['id'])).toEqual(['good-8'])
    expect(await count(own, 'step where retried')).toBe(2)
    expect(await count(own, "log where text contains 'tomorrow'")).toBe(0)
    await own.close()
  })

  test('another store in the same folder is another store', async () => {
    const folder = newFolder()
    let own = await openNew(folder)
    await runAll(own, ['good-9', 'bad-9'])
    expect(await count(own, 'run')).toBe(2)
    await own.close()
    for (const name of ['store.db', 'store.db-wal', 'store.db-shm', 'head']) rmSync(join(folder, name), { force: true })
    own = await openNew(folder)
    await runAll(own, ['bad-10'])
    expect((await find(own, 'run')).map(row => row['id'])).toEqual(['bad-10'])
    await own.close()
  })

  test('steps of a file that has not run yet are found, and marked as the latest', async () => {
    const row = store.runs.get('good-1')!
    const graph = JSON.parse(new TextDecoder().decode(await store.blobs.get(row.graph))) as Graph
    const given = [{ file: join(store.path, '../tutti.ts'), graph: { ...graph, name: 'tomorrow' } }]
    expect(
      (await find(store, 'node where workflow = tomorrow and kind = effect', { graphs: given })).map(short),
    ).toEqual(['tomorrow deploy', 'tomorrow notify'])
    expect(await count(store, 'node where workflow = tomorrow')).toBe(0)
  })
})
