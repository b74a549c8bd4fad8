/** What every store does (src/store/store.ts, S1-S4): one suite for all implementations. */
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event } from '../../src/core/engine/protocol.ts'
import type { Store } from '../../src/store/index.ts'
import type { SlotRequest, Trace } from '../../src/store/store.ts'
import { hashBytes } from '../../src/util/hash.ts'
import {
  begin,
  codeOf,
  contentsOf,
  event,
  HASH,
  LINE,
  lease,
  newFolder,
  OTHER_LINE,
  pinned,
  readAll,
  rowOf,
  versionOf,
} from './fixture.ts'

export type Open = (folder: string) => Promise<Store>

/** `skips`: tests that a store need not pass, each with the reason. */
export function storeSuite(open: Open, skips: { readonly [name: string]: string } = {}): void {
  const skipped = new Map(Object.entries(skips))
  const it = (name: string, body: () => Promise<unknown>): void => {
    const reason = skipped.get(name)
    skipped.delete(name)
    if (reason === undefined) test(name, body)
    else test.skip(`${name} (skipped: ${reason})`, body)
  }
  const opened = async <T>(work: (store: Store, folder: string) => Promise<T>): Promise<T> => {
    const folder = newFolder()
    const store = await open(folder)
    return work(store, folder).finally(() => store.close())
  }

  it('a new store is empty', () =>
    opened(async store => {
      expect(store.head()).toBe(0)
      expect(await readAll(store)).toEqual([])
      expect(store.runs.list()).toEqual([])
      expect(store.runs.count()).toBe(0)
    }))

  it('S1: what was appended is read back by another opening, in order', async () => {
    const folder = newFolder()
    const texts = ['', 'a\nb', '\u2028', '💥', '\0', '"\\', '\ud800', 'x'.repeat(100_000)]
    const store = await open(folder)
    const held = await begin(store)
    const events = texts.map((text, index) => event(index + 1, text))
    expect(await store.append([{ lease: held, events }])).toBe(texts.length + 1)
    await store.close()
    const again = await open(folder)
    expect((await readAll(again)).map(stored => stored.event)).toEqual([event(0), ...events])
    await again.close()
  })

  it('S2: sequence numbers are gapless over runs, however appends come', async () => {
    const appends = fc.array(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 5 })), { maxLength: 3 }),
      {
        maxLength: 12,
      },
    )
    await fc.assert(
      fc.asyncProperty(appends, async plan => {
        await opened(async store => {
          const leases = new Map(['a', 'b', 'c'].map(run => [run, lease(store, run)]))
          const written: { [run: string]: Event[] } = { a: [], b: [], c: [] }
          let count = 0
          const answers = plan.map(parts =>
            store.append(
              parts.map(([run, size]) => {
                const events = Array.from({ length: size }, () => event((count += 1)))
                written[run]?.push(...events)
                return { lease: leases.get(run)!, events, row: rowOf(run) }
              }),
            ),
          )
          const seqs = await Promise.all(answers)
          const stored = await readAll(store)
          expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
          expect(Math.max(0, ...seqs)).toBe(count)
          for (const run of ['a', 'b', 'c']) {
            expect((await readAll(store, { run })).map(each => each.event)).toEqual(written[run])
          }
        })
      }),
      { numRuns: 15 },
    )
  })

  it('an append answers with the sequence number of its own last event', () =>
    opened(async store => {
      const [a, b] = [await begin(store, 'a'), await begin(store, 'b')]
      const seqs = await Promise.all([
        store.append([{ lease: a, events: [event(1, 'first')] }]),
        store.append([{ lease: b, events: [event(2, 'second')] }]),
        store.append([{ lease: a, events: [event(3, 'third')] }]),
      ])
      const stored = new Map((await readAll(store)).map(each => [each.seq, each.event]))
      expect(seqs.map(seq => stored.get(seq))).toEqual([event(1, 'first'), event(2, 'second'), event(3, 'third')])
    }))

  it('ranges and runs are read as asked, over many pages', () =>
    opened(async store => {
      const [a, b] = [await begin(store, 'a'), await begin(store, 'b')]
      for (let index = 1; index <= 50; index += 1) {
        await store.append([
          { lease: a, events: [event(index), event(index)] },
          { lease: b, events: [event(index)] },
        ])
      }
      const seqs = async (range: Parameters<Store['read']>[0]) => (await readAll(store, range)).map(({ seq }) => seq)
      expect(await seqs({ from: 4, to: 6 })).toEqual([4, 5, 6])
      expect(await seqs({ from: 152 })).toEqual([152])
      expect(await seqs({ from: 153 })).toEqual([])
      expect((await seqs({ run: 'a' })).length).toBe(101)
      expect(await seqs({ run: 'b', from: 100, to: 110 })).toEqual([101, 104, 107, 110])
      expect(await seqs({ run: 'nobody' })).toEqual([])
    }))

  it('a long log is read while it grows', () =>
    opened(async store => {
      const held = await begin(store)
      for (let index = 0; index < 40; index += 1) await store.append([{ lease: held, events: [event(index)] }])
      let read = 0
      for await (const { seq } of store.read({})) {
        read += 1
        expect(seq).toBe(read)
        if (seq === 10) await store.append([{ lease: held, events: [event(99)] }])
      }
      expect(read).toBe(42)
    }))

  it('S4: a second owner is refused, an old fence is LEASE_LOST, and the others of its turn go through', () =>
    opened(async (store, folder) => {
      const mine = await begin(store, 'mine')
      const lost = await begin(store, 'lost')
      const other = await open(folder)
      expect(other.leases.acquire('lost')).toMatchObject({ kind: 'held', owner: lost.owner })
      store.leases.release(lost)
      const taken = lease(other, 'lost')
      expect(taken.fence).toBe(lost.fence + 1)
      const [through, refused] = await Promise.allSettled([
        store.append([{ lease: mine, events: [event(1)] }]),
        store.append([{ lease: lost, events: [event(2)] }]),
      ])
      expect(through).toEqual({ status: 'fulfilled', value: 3 })
      expect(refused.status).toBe('rejected')
      expect(await codeOf(() => store.append([{ lease: lost, events: [event(2)] }]))).toBe('LEASE_LOST')
      expect(store.leases.renew(lost)).toBe(false)
      expect(other.leases.renew(taken)).toBe(true)
      expect(await other.append([{ lease: taken, events: [event(3)] }])).toBe(4)
      await other.close()
    }))

  it('S4: the lone append of a chain finds its lease lost, too', () =>
    opened(async (store, folder) => {
      const held = await begin(store)
      for (let index = 1; index < 5; index += 1) await store.append([{ lease: held, events: [event(index)] }])
      const other = await open(folder)
      store.leases.release(held)
      lease(other, 'run-1')
      expect(await codeOf(() => store.append([{ lease: held, events: [event(5)] }]))).toBe('LEASE_LOST')
      expect(store.head()).toBe(5)
      await other.close()
    }))

  it('two openings append in turn to one log', () =>
    opened(async (store, folder) => {
      const other = await open(folder)
      const [a, b] = [await begin(store, 'a'), await begin(other, 'b')]
      for (let index = 1; index <= 20; index += 1) {
        await Promise.all([
          store.append([{ lease: a, events: [event(index)] }]),
          other.append([{ lease: b, events: [event(index)] }]),
        ])
      }
      expect((await readAll(store)).map(({ seq }) => seq)).toEqual(Array.from({ length: 42 }, (_, index) => index + 1))
      expect((await readAll(other, { run: 'a' })).length).toBe(21)
      await other.close()
    }))

  it('closing releases leases and lets waiting appends through', async () => {
    const folder = newFolder()
    const store = await open(folder)
    const held = await begin(store)
    const append = store.append([{ lease: held, events: [event(1)] }])
    await store.close()
    expect(await append).toBe(2)
    expect(await codeOf(() => store.head())).toBe('STORE_CLOSED')
    const again = await open(folder)
    expect(again.leases.acquire('run-1').kind).toBe('acquired')
    await again.close()
  })

  it('changed resolves for own and for others’ appends, and on abort', () =>
    opened(async (store, folder) => {
      const held = await begin(store)
      await store.changed(0)
      const own = store.changed(1)
      await store.append([{ lease: held, events: [event(1)] }])
      await own
      const other = await open(folder)
      const others = store.changed(2)
      await begin(other, 'run-2')
      await others
      const stop = new AbortController()
      const never = store.changed(1_000, stop.signal)
      stop.abort()
      await never
      await other.close()
    }))

  it('the index of runs shows the last row, newest first', () =>
    opened(async store => {
      const a = await begin(store, 'a', { createdAtMs: 10 })
      await begin(store, 'b', { createdAtMs: 20, workflow: 'release' })
      await store.append([
        { lease: a, events: [event(1)], row: rowOf('a', { createdAtMs: 10, status: 'failed', endedAtMs: 30 }) },
      ])
      expect(store.runs.get('a')).toEqual({
        ...rowOf('a', { createdAtMs: 10, status: 'failed', endedAtMs: 30 }),
        lastSeq: 3,
      })
      expect(store.runs.get('nobody')).toBeUndefined()
      expect(store.runs.list().map(row => row.run)).toEqual(['b', 'a'])
      expect(store.runs.list({ limit: 1 }).map(row => row.run)).toEqual(['b'])
      expect(store.runs.count()).toBe(2)
      expect(store.runs.list({ workflow: 'ci' }).map(row => row.run)).toEqual(['a'])
      expect(store.runs.list({ status: ['failed', 'running'] }).map(row => row.run)).toEqual(['b', 'a'])
      expect(store.runs.list({ status: ['succeeded'] })).toEqual([])
    }))

  it('strange names of runs are names like any other', () =>
    opened(async store => {
      for (const run of ['', ' ', "'; DROP TABLE runs; --", '../x', '💥\n"', 'x'.repeat(10_000)]) {
        await begin(store, run)
        expect(store.runs.get(run)?.run).toBe(run)
        expect((await readAll(store, { run })).length).toBe(1)
      }
    }))

  it('letters wait for their reply, oldest first, and survive a reopening', async () => {
    const folder = newFolder()
    const store = await open(folder)
    await begin(store, 'a')
    await begin(store, 'b')
    const one = store.mailbox.post('a', { kind: 'cancel', reason: 'one' }, 'wanted')
    const two = store.mailbox.post('a', { kind: 'retry', step: 'build' })
    const again = await open(folder)
    await store.close()
    expect(again.mailbox.open(new Set(['b']))).toEqual([])
    const letters = [
      { id: one, run: 'a', mail: { kind: 'cancel', reason: 'one' } },
      { id: two, run: 'a', mail: { kind: 'retry', step: 'build' } },
    ]
    // Not taken by looking: only the reply removes them.
    expect(again.mailbox.open(new Set(['a']))).toEqual(letters)
    expect(again.mailbox.open(new Set(['a']))).toEqual(letters)
    again.mailbox.reply([one, two].map(id => ({ id, reply: { kind: 'done' } })))
    expect(again.mailbox.open(new Set(['a']))).toEqual([])
    expect(again.mailbox.takeReply(one)).toEqual({ kind: 'done' })
    expect([again.mailbox.takeReply(one), again.mailbox.takeReply(two)]).toEqual([undefined, undefined])
    await again.close()
  })

  it('a letter is withdrawn until it is answered', () =>
    opened(async store => {
      await begin(store, 'a')
      const [first = '', second = ''] = [1, 2].map(() =>
        store.mailbox.post('a', { kind: 'retry', step: 'x' }, 'wanted'),
      )
      store.mailbox.reply([{ id: second, reply: { kind: 'refused', code: 'STEP_NOT_PARKED', message: 'no' } }])
      expect([first, second, 'letter-none'].map(id => store.mailbox.withdraw(id))).toEqual([true, false, false])
      expect(store.mailbox.open(new Set(['a']))).toEqual([])
    }))

  it('no letter goes to a run that is not there, or has ended', () =>
    opened(async store => {
      await begin(store, 'over', { status: 'succeeded', endedAtMs: 5 })
      const post = (run: string) => codeOf(() => store.mailbox.post(run, { kind: 'cancel', reason: 'late' }))
      expect(await Promise.all([post('none'), post('over')])).toEqual(['RUN_UNKNOWN', 'RUN_ENDED'])
    }))

  const ask = (store: Store, ticket: number, given: Partial<SlotRequest> = {}) =>
    store.slots.take({ ticket, pool: 'gpu', slots: 3, weight: 1, priority: 0, ...given })

  it('Q1: slots of a pool are taken up to their number, over all who have the store open', async () => {
    const folder = newFolder()
    const [one, two] = [await open(folder), await open(folder)]
    expect([ask(one, 1), ask(two, 1), ask(one, 2), ask(two, 2), ask(one, 3)]).toEqual([
      ...['taken', 'taken', 'taken'],
      ...['waiting', 'waiting'],
    ])
    expect(ask(one, 9, { pool: 'other' })).toBe('taken')
    // Asking again is no second request.
    expect([ask(one, 1), ask(two, 2)]).toEqual(['taken', 'waiting'])
    one.slots.leave(1)
    expect([ask(one, 3), ask(two, 2), ask(one, 3)]).toEqual(['waiting', 'taken', 'waiting'])
    // What a store held comes back when it is closed.
    await two.close()
    expect(ask(one, 3)).toBe('taken')
    await one.close()
  })

  it('Q2: first come, first served, the greater priority first, and nobody overtakes one that needs many', async () => {
    const folder = newFolder()
    const [one, two] = [await open(folder), await open(folder)]
    ask(one, 1, { weight: 2 })
    expect(ask(two, 1, { weight: 2 })).toBe('waiting')
    expect(ask(one, 2)).toBe('waiting')
    expect(ask(one, 3, { priority: 5 })).toBe('taken')
    one.slots.leave(1)
    expect([ask(one, 2), ask(two, 1)]).toEqual(['waiting', 'taken'])
    one.slots.leave(3)
    expect(ask(one, 2)).toBe('taken')
    // Who leaves the queue lets the next one go.
    expect([ask(one, 4, { weight: 3 }), ask(two, 5)]).toEqual(['waiting', 'waiting'])
    one.slots.leave(2)
    one.slots.leave(4)
    expect(ask(two, 5)).toBe('taken')
    await Promise.all([one.close(), two.close()])
  })

  it('traces come with the events that they are about, and are found by key and by step', () =>
    opened(async (store, folder) => {
      const held = await begin(store)
      const made = (step: string, atMs: number, more: Partial<Trace> = {}): Trace => ({
        key: 'k',
        scope: 's',
        step,
        run: held.run,
        output: { codec: 'json', hash: HASH, sizeBytes: 1, inline: '1' },
        wrote: [],
        reads: [],
        parts: { code: 'c', args: [], env: {}, where: '' },
        ms: 1,
        atMs,
        ...more,
      })
      expect(store.traces.isEmpty()).toBe(true)
      await store.append([{ lease: held, events: [event(1)], traces: [made('a', 1), made('b', 2)] }])
      expect(store.traces.isEmpty()).toBe(false)
      await store.append([{ lease: held, events: [event(2)], traces: [made('a', 3, { key: 'other' })] }])
      const reads = Array.from({ length: 20 }, (_, n) => made('c', 10 + n, { key: 'r', reads: [['h', String(n)]] }))
      await store.append([{ lease: held, events: [event(3)], traces: reads }])
      const another = await open(folder)
      // Its own first, then the newest.
      expect(another.traces.get('k', 's', 'a').map(({ step }) => step)).toEqual(['a', 'b'])
      expect(another.traces.get('k', 's', 'b').map(({ step }) => step)).toEqual(['b', 'a'])
      expect(another.traces.get('k', 'elsewhere', 'a').map(({ step }) => step)).toEqual(['b', 'a'])
      expect(another.traces.get('unknown', 's', 'a')).toEqual([])
      expect(another.traces.latest('s', 'a')).toEqual(made('a', 3, { key: 'other' }))
      expect(another.traces.latest('s', 'z')).toBeUndefined()
      const current = another.traces.current('s').map(({ step, atMs }) => [step, atMs])
      expect(current.sort()).toEqual([
        ['a', 3],
        ['b', 2],
        ['c', 29],
      ])
      // Of one key and step the newest that differ in what was read.
      expect(another.traces.get('r', 's', 'c').map(({ atMs }) => atMs)).toEqual(
        Array.from({ length: 16 }, (_, n) => 29 - n),
      )
      await another.close()
    }))

  it('the newest snapshot is given', () =>
    opened(async store => {
      expect(store.snapshots.latest('a')).toBeUndefined()
      for (const seq of [1, 2, 3]) store.snapshots.put('a', seq, new Uint8Array([seq, 0, 255]))
      const { seq, bytes } = store.snapshots.latest('a') ?? { bytes: [] }
      expect([seq, ...bytes]).toEqual([3, 3, 0, 255])
    }))

  it('a line without versions has none', () =>
    opened(async store => {
      expect(store.versions.lines()).toEqual([])
      expect(store.versions.list()).toEqual([])
      expect(store.versions.list(LINE)).toEqual([])
      expect(store.versions.get(LINE, '1.0.0')).toBeUndefined()
      expect(store.versions.current(LINE)).toBeUndefined()
      expect(await codeOf(() => store.versions.contents(LINE, '1.0.0'))).toBe('VERSION_UNKNOWN')
      expect(await codeOf(() => store.versions.point(LINE, pinned('1.0.0')))).toBe('VERSION_UNKNOWN')
      expect(store.versions.current(LINE)).toBeUndefined()
    }))

  it('versions are listed line by line, each in the order of publishing, whatever their numbers and times', () =>
    opened(async store => {
      const numbers = ['2.0.0', '1.0.0', '1.0.0-beta.1']
      const rows = numbers.map((number, index) => versionOf(number, { atMs: 9 - index }))
      const other = versionOf('1.0.0', { line: OTHER_LINE })
      for (const [index, row] of rows.entries()) {
        expect(store.versions.publish(row, contentsOf(row.number), index, 'current')).toBe('published')
        if (index === 1) expect(store.versions.publish(other, contentsOf('other'), 0, 'current')).toBe('published')
      }
      expect(store.versions.list(LINE)).toEqual(rows)
      expect(store.versions.list(OTHER_LINE)).toEqual([other])
      expect(store.versions.list()).toEqual([...rows, other])
      expect(store.versions.lines()).toEqual([LINE, OTHER_LINE])
      expect(store.versions.get(LINE, '1.0.0')).toEqual(rows[1])
      expect(store.versions.get(LINE, '1.0')).toBeUndefined()
      expect(store.versions.get('tutti.ts#c', '1.0.0')).toBeUndefined()
    }))

  it('what is published is current, unless it stands beside what is; any version can be pointed at', () =>
    opened(async store => {
      store.versions.publish(versionOf('1.0.0-beta.1'), contentsOf('a'), 0, 'beside')
      expect(store.versions.current(LINE)).toBeUndefined()
      store.versions.publish(versionOf('1.0.0', { atMs: 5 }), contentsOf('b'), 1, 'current')
      expect(store.versions.current(LINE)).toEqual({ number: '1.0.0', how: 'published', atMs: 5 })
      store.versions.publish(versionOf('1.0.1-beta.1'), contentsOf('c'), 2, 'beside')
      expect(store.versions.current(LINE)?.number).toBe('1.0.0')
      store.versions.point(LINE, pinned('1.0.1-beta.1'))
      expect(store.versions.current(LINE)).toEqual(pinned('1.0.1-beta.1'))
      expect(await codeOf(() => store.versions.point(LINE, pinned('9.0.0')))).toBe('VERSION_UNKNOWN')
      expect(store.versions.current(LINE)).toEqual(pinned('1.0.1-beta.1'))
      store.versions.publish(versionOf('1.0.1', { atMs: 7 }), contentsOf('d'), 3, 'current')
      expect(store.versions.current(LINE)).toEqual({ number: '1.0.1', how: 'published', atMs: 7 })
      expect(store.versions.current(OTHER_LINE)).toBeUndefined()
    }))

  it('what was chosen without the newest version is stale, and so is a number that is there: nothing is written', () =>
    opened(async store => {
      const publish = (number: string, seen: number) =>
        store.versions.publish(versionOf(number), contentsOf(number), seen, 'current')
      expect(publish('1.0.0', 1)).toBe('stale')
      expect(publish('1.0.0', 0)).toBe('published')
      expect([publish('1.0.1', 0), publish('1.0.1', 2), publish('1.0.0', 1)]).toEqual(['stale', 'stale', 'stale'])
      expect(store.versions.list().map(({ number }) => number)).toEqual(['1.0.0'])
      expect(store.versions.current(LINE)?.number).toBe('1.0.0')
    }))

  it('contents come back byte by byte, of any kind and in any order of asking', async () => {
    const text = JSON.stringify({ hash: HASH, commit: HASH.slice(24), texts: ['\u2028', '💥', '\0'] })
    const all = [
      Buffer.alloc(0),
      Buffer.from(text),
      Buffer.from(text.replace('"hash"', '"name"')),
      Buffer.from([0xff, 0xfe, 0, ...Buffer.from(HASH)]),
      Buffer.from(text.repeat(50)),
      Buffer.from(`${HASH}${HASH} ${HASH.toUpperCase()} x${HASH}`),
      Buffer.alloc(3_000_000, text),
      Buffer.alloc(3_000_000, text).fill('x', 1_000_000, 1_000_100),
    ]
    await opened(async store => {
      for (const [index, contents] of all.entries())
        expect(store.versions.publish(versionOf(`1.0.${index}`), contents, index, 'current')).toBe('published')
      for (const index of [7, 0, 3, 2, 6, 1, 5, 4])
        expect(Buffer.compare(store.versions.contents(LINE, `1.0.${index}`), all[index]!)).toBe(0)
    })
  })

  it('names and facts of any script come back; what was given can be written to afterwards', () =>
    opened(async store => {
      const line = 'Größe/тест 💥.ts#工作\u2028流程'
      const facts = { message: '"\\\n\0\ud800', deep: [{ hash: HASH }, null, 1.5, true], '': '' }
      const contents = Buffer.from('contents')
      store.versions.publish(versionOf('1.0.0-ünï', { line, facts }), contents, 0, 'current')
      contents.fill(0)
      const found = store.versions.get(line, '1.0.0-ünï')
      expect(found).toEqual(versionOf('1.0.0-ünï', { line, facts }))
      Object.assign(found?.facts ?? {}, { message: 'changed' })
      expect(store.versions.list(line)).toEqual([versionOf('1.0.0-ünï', { line, facts })])
      expect(Buffer.from(store.versions.contents(line, '1.0.0-ünï')).toString()).toBe('contents')
    }))

  it('two openings publish to one line: each sees what the other did, and one of two at once is stale', async () => {
    const folder = newFolder()
    const stores = [await open(folder), await open(folder)]
    const publish = (index: number, seen: number) =>
      stores[index % 2]?.versions.publish(versionOf(`1.0.${index}`), contentsOf(String(index)), seen, 'current')
    for (let index = 0; index < 6; index += 1) {
      expect(publish(index, index)).toBe('published')
      expect(publish(index + 1, index)).toBe('stale')
    }
    for (const store of stores) {
      expect(store.versions.list(LINE).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5].map(n => `1.0.${n}`))
      expect(store.versions.current(LINE)?.number).toBe('1.0.5')
      expect(Buffer.from(store.versions.contents(LINE, '1.0.4'))).toEqual(contentsOf('4'))
    }
    stores[0]?.versions.point(LINE, pinned('1.0.2'))
    expect(stores[1]?.versions.current(LINE)).toEqual(pinned('1.0.2'))
    for (const store of stores) await store.close()
  })

  it('which version a run is pinned to, and what its steps were called, is kept', () =>
    opened(async store => {
      const held = await begin(store, 'a', { version: '1.0.0' })
      expect(store.runs.get('a')).toMatchObject({ version: '1.0.0' })
      expect(store.runs.get('a')).not.toHaveProperty('renames')
      const moved = { version: '1.1.0', renames: { 'a/b': 'ä' } }
      await store.append([{ lease: held, events: [event(1)], row: rowOf('a', moved) }])
      expect(store.runs.list()).toMatchObject([moved])
      await store.append([{ lease: held, events: [event(2)], row: rowOf('a') }])
      expect(store.runs.get('a')).not.toHaveProperty('version')
    }))

  it('blobs come back by their hash, empty and large ones, and the same from a file', () =>
    opened(async (store, folder) => {
      for (const bytes of [new Uint8Array(), new Uint8Array([0, 1, 255]), new Uint8Array(3_000_000).fill(7)]) {
        const hash = await store.blobs.put(bytes)
        expect(hash).toBe(hashBytes(bytes))
        expect(Buffer.compare(await store.blobs.get(hash), bytes)).toBe(0)
        const path = `${folder}-source`
        writeFileSync(path, bytes)
        expect(await store.blobs.putFile(path)).toEqual({ hash, sizeBytes: bytes.length })
        expect(await store.blobs.has(hash)).toBe(true)
        expect((await readFile(await store.blobs.file(hash))).length).toBe(bytes.length)
        expect(statSync(await store.blobs.file(hash)).mode & 0o777).toBe(0o444)
      }
    }))

  it('the same blob put many times at once is one', () =>
    opened(async store => {
      const bytes = Buffer.from('same')
      const hashes = await Promise.all(Array.from({ length: 20 }, () => store.blobs.put(bytes)))
      expect(new Set(hashes).size).toBe(1)
      expect(Buffer.from(await store.blobs.get(hashes[0]!)).toString()).toBe('same')
    }))

  it('a blob that is missing is refused', () =>
    opened(async store => {
      expect(await store.blobs.has(HASH)).toBe(false)
      expect(await codeOf(() => store.blobs.get(HASH))).toBe('BLOB_MISSING')
      expect(await codeOf(() => store.blobs.file(HASH))).toBe('BLOB_MISSING')
      expect(await codeOf(() => store.blobs.get('../../etc/passwd'))).toBe('BLOB_MISSING')
    }))

  it('a blob that is not what its name says is refused', () =>
    opened(async store => {
      const hash = await store.blobs.put(Buffer.from('right'))
      const path = await store.blobs.file(hash)
      chmodSync(path, 0o644)
      writeFileSync(path, 'wrong')
      expect(await codeOf(() => store.blobs.get(hash))).toBe('BLOB_DAMAGED')
    }))

  if (skipped.size > 0) throw new Error(`the suite has no test ${[...skipped.keys()].join(', ')}`)
}
