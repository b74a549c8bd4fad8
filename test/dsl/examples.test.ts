/** The examples of DESIGN.md, section 2, on a small project: loaded as the command line does it, and as a library. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { loadFile } from '../../src/cli/file.ts'
import type { Event } from '../../src/core/index.ts'
import { type AnyWorkflow, run } from '../../src/run/embed.ts'
import { startRun } from '../../src/run/launch.ts'
import { openLocal } from '../../src/run/local.ts'
import { signalRun } from '../../src/run/requests.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import * as library from './fixtures/tutti.ts'
import { project } from './rig.ts'

const text = readFileSync(fileURLToPath(new URL('./fixtures/tutti.ts', import.meta.url)), 'utf8')

/** An oxlint and an esbuild that are just enough to be called: one lists, the other copies. */
const PROJECT = {
  'tutti.ts': text,
  'src/a.ts': '',
  'src/deep/b.ts': '',
  'node_modules/.bin/oxlint': '#!/bin/sh\nfor file; do echo "checked $file"; done\n',
  'node_modules/.bin/npm': '#!/bin/sh\necho "$@, as ${NODE_AUTH_TOKEN:+somebody}"\n',
  'node_modules/.bin/esbuild': `#!/usr/bin/env node
const [, , ...args] = process.argv
const { mkdirSync, writeFileSync } = require('node:fs')
const out = args.pop().replace('--outdir=', '')
mkdirSync(out, { recursive: true })
const tests = args.map(file => "test('" + file + "', { todo: true }, () => { throw new Error('no') })")
writeFileSync(out + '/all.test.js', "const { test } = require('node:test')\\n" + tests.join('\\n'))
`,
}

const REPORT = { passed: true, failures: [{ file: 'src/a.ts' }, { file: 'src/deep/b.ts' }] }
const STEPS = ['compile', 'each', 'each[src%2Fa.ts]/triage', 'each[src%2Fdeep%2Fb.ts]/triage', 'files', 'lint', 'test']

const stepsIn = (events: readonly Event[]): readonly string[] =>
  [...new Set(events.flatMap(event => ('step' in event ? (event.step ?? []) : [])))].toSorted()

/** Runs a workflow of the file in `dir`; its events and its end. */
async function runFile(
  dir: string,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  during: (store: Store) => Promise<unknown> = async () => undefined,
) {
  const file = await loadFile(join(dir, 'tutti.ts'), dir)
  const runnable = file.runnable(name)
  const store = await openStore(join(dir, '.tutti'))
  try {
    const local = openLocal(store, { cwd: dir })
    local.register(runnable)
    const { session, values } = await startRun(local, runnable, 'run', args)
    await during(store)
    await session.ended
    const { phase } = session.state
    if (phase.kind !== 'ended') throw new Error('the run has not ended')
    const events: Event[] = []
    for await (const { event } of store.read({ run: 'run' })) events.push(event)
    return {
      status: phase.status,
      output: phase.output && (await values.decode(phase.output)),
      fault: phase.fault,
      events,
    }
  } finally {
    await store.close()
  }
}

async function runLibrary(dir: string, workflow: AnyWorkflow, args: Readonly<Record<string, unknown>> = {}) {
  const events: Event[] = []
  const result = await run(workflow, {
    cwd: dir,
    store: join(dir, '.library'),
    args,
    onEvent: event => events.push(event),
  })
  return { result, events }
}

test('ci runs through the loader', async () => {
  const dir = project(PROJECT)
  const ended = await runFile(dir, 'ci')
  expect(ended).toMatchObject({ status: 'succeeded', output: { dist: { path: join(dir, 'dist') }, tested: REPORT } })
  expect(stepsIn(ended.events)).toEqual(STEPS)
})

test('ci runs as a library', async () => {
  const dir = project(PROJECT)
  const { result } = await runLibrary(dir, library.ci)
  expect(result).toMatchObject({ status: 'succeeded', output: { dist: { path: join(dir, 'dist') }, tested: REPORT } })
})

test('drain runs through the loader and as a library', async () => {
  const dir = project(PROJECT)
  const ended = await runFile(dir, 'drain', { n: 5 })
  expect(ended).toMatchObject({ status: 'succeeded', output: undefined })
  const { result, events } = await runLibrary(dir, library.drain, { n: 5 })
  expect(result).toMatchObject({ status: 'succeeded', output: undefined })
  for (const each of [ended.events, events])
    expect(each.filter(event => event.kind === 'step.settled' && event.step.includes('['))).toHaveLength(5)
})

test('release waits for its approval, then publishes', async () => {
  process.env['NPM_TOKEN'] = 'a token of eight or more'
  const dir = project(PROJECT)
  const ended = await runFile(dir, 'release', { channel: 'next' }, store =>
    signalRun(store, 'run', { signal: 'approval', value: { by: 'ada' } }),
  )
  expect(ended).toMatchObject({ status: 'succeeded' })
  expect(stepsIn(ended.events)).toEqual(['approval', ...STEPS.map(step => `ci/${step}`), 'when', 'when.then/publish'])
})
