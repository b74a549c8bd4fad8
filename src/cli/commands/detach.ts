/** `tutti run --detach`: the run in a process of its own that outlives the terminal. */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { checkRunId, newRunId } from '../../run/run-id.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Store } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import type { Io, Reading } from '../io.ts'
import { FILE } from '../versions/words.ts'
import type { RunFlags } from './run-flags.ts'

/** Starts the run in a process of its own that outlives the terminal, and prints its id. */
export async function detach(io: Io, store: Store, runnable: Runnable, flags: RunFlags): Promise<number> {
  const { name, definition, file, version } = runnable
  const id = flags.id === undefined ? newRunId(name === 'default' ? definition.name : name) : checkRunId(flags.id)
  mkdirSync(join(store.path, 'logs'), { recursive: true })
  const output = openSync(join(store.path, 'logs', `${id}.detached`), 'a')
  const child = spawn(
    process.execPath,
    [
      process.argv[1] ?? '',
      ...detachedWords(io.reading, { file, workflow: `${name}@${version ?? FILE}`, id, store: store.path }, flags),
    ],
    { detached: true, stdio: ['ignore', output, output], cwd: io.cwd },
  )
  let failed: number | undefined
  child.once('exit', code => {
    failed = code ?? EXIT.failed
  })
  while (store.runs.get(id) === undefined && failed === undefined) await delay(20)
  child.unref()
  if (store.runs.get(id) === undefined && failed === EXIT.succeeded) {
    io.err('nothing has to run\n')
    return EXIT.succeeded
  }
  if (store.runs.get(id) === undefined)
    return refuse('DETACH_FAILED', `The run could not be started in the background (exit code ${failed})`, {
      hint: `See ${join(store.path, 'logs', `${id}.detached`)}.`,
    })
  io.out(`${id}\n`)
  io.err(`running in the background; watch it with: tutti logs ${id} -f\n`)
  return EXIT.succeeded
}

interface Detached {
  readonly file: string
  readonly workflow: string
  readonly id: string
  readonly store: string
}

/** As they were given. */
const readingWords = ({ lang, bind, mocks, switches = [] }: Reading): readonly string[] => [
  ...(lang === undefined ? [] : ['--lang', lang]),
  ...(bind === undefined ? [] : ['--bind', bind]),
  ...(mocks ? ['--mock', mocks.file, '--test-case', mocks.testCase] : []),
  ...switches,
]

function detachedWords(reading: Reading, { file, workflow, id, store }: Detached, flags: RunFlags): readonly string[] {
  return [
    'run',
    file,
    workflow,
    '--id',
    id,
    '--store',
    store,
    ...readingWords(reading),
    ...(flags.param ?? []).flatMap(pair => ['-p', pair]),
    ...(flags.input === undefined ? [] : ['--input', flags.input]),
    ...(flags.only ?? []).flatMap(step => ['--only', step]),
    ...(flags.fresh ? ['--fresh'] : []),
    ...(flags.freshStep ?? []).map(step => `--fresh=${step}`),
    ...(flags.since === undefined ? [] : ['--since', flags.since]),
    ...(flags.sources === undefined ? [] : ['--sources', flags.sources]),
    ...(flags.publish ? ['--publish'] : []),
    ...(flags.message === undefined ? [] : ['--message', flags.message]),
    ...(flags.deadline === undefined ? [] : ['--deadline', flags.deadline]),
    ...(flags.wait === false ? ['--no-wait'] : []),
    ...(flags.durability === undefined ? [] : ['--durability', flags.durability]),
    ...(flags.concurrency === undefined ? [] : ['--concurrency', String(flags.concurrency)]),
    ...(flags.schedule === undefined ? [] : ['--schedule', flags.schedule]),
  ]
}
