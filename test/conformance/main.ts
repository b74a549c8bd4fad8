/**
 * `npm run conformance -- asl FOLDER [--actual OUT] [--threads N] [--only TEXT]`: runs every case of a
 * folder and prints a score. OUT takes what each came to, under the name of its case.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort } from 'node:worker_threads'
import { type Actual, findCases, type Found, readCase } from './asl/case.ts'
import { comparerOf } from './asl/compare.ts'
import { perform } from './asl/perform.ts'
import { type Scored, showScore } from './asl/score.ts'
import { inThreads } from './pool.ts'

const USAGE = 'usage: npm run conformance -- asl FOLDER [--actual OUT] [--threads N] [--only TEXT]'
/** Of one case: waits cost nothing, so what takes longer hangs. */
const PATIENCE_MS = 30_000
const HEAP_MB = 1_024

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { actual: { type: 'string' }, threads: { type: 'string' }, only: { type: 'string' } },
  })
  const [language, given] = positionals
  if (language !== 'asl' || given === undefined || positionals.length > 2) {
    console.error(USAGE)
    return 64
  }
  const folder = resolve(given)
  if (!existsSync(folder)) {
    console.error(`There is no folder ${folder}`)
    return 64
  }
  const found = findCases(folder)
  const { compare, from } = await comparerOf(folder)
  const scored: Scored[] = []
  const tell = (job: Job, actual: Actual): void => {
    const of = readCase(job.path)
    if (typeof of === 'string') return
    if (values.actual !== undefined) keep(values.actual, job.file, actual)
    const { kind, area, needs } = of
    scored.push({ file: job.file, kind, area, needs, ...compare(of, actual) })
  }
  if (values.actual !== undefined) mkdirSync(values.actual, { recursive: true })
  await inThreads<Job, Actual>({
    module: fileURLToPath(import.meta.url),
    jobs: found.cases.filter(({ file }) => file.includes(values.only ?? '')),
    threads: Number(values.threads ?? availableParallelism()),
    patienceMs: PATIENCE_MS,
    heapMb: HEAP_MB,
    onResult: tell,
    onLost: (job, reason) => tell(job, { status: 'LOST', cause: reason }),
  })
  for (const { file, reason } of found.others) console.log(`no case: ${file}: ${reason}`)
  scored.sort((a, b) => (a.file < b.file ? -1 : 1))
  console.log(showScore(scored))
  console.log(`compared by ${from}`)
  return scored.length > 0 && scored.every(each => each.verdict === 'PASS') ? 0 : 1
}

type Job = Found['cases'][number]

const keep = (folder: string, file: string, actual: Actual): void =>
  writeFileSync(join(folder, file), `${JSON.stringify(actual, undefined, 2)}\n`)

if (isMainThread) process.exitCode = await main()
else
  parentPort?.on('message', async ({ path }: Job) => {
    const of = readCase(path)
    const actual: Actual = typeof of === 'string' ? { status: 'UNREADABLE', cause: of } : await perform(of)
    parentPort?.postMessage(JSON.parse(JSON.stringify(actual)))
  })
