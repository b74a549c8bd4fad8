/**
 * `npm run fuzz -- [--seeds N] [--from S] [--kinds K,…] [--threads T] [--all yes]`: plays a random graph for each seed and checks
 * all that must hold. The first failure is made smaller and shown, with the line that repeats it; `--all` goes on after it.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Census, count, newCensus, showCensus, sum } from './census.ts'
import { caseOf, failureOf, runs } from './check.ts'
import { KINDS, type Kind } from './generate.ts'
import { shrink } from './shrink.ts'
import { showCase, showRun } from './show.ts'

interface Seeds {
  readonly from: number
  readonly seeds: number
  readonly kinds: readonly Kind[]
  /** Goes on after a failure. */
  readonly all: boolean
}
interface Result {
  readonly census: Census
  readonly failed: number[]
}

/** Seeds that a thread takes at a time. */
const PORTION = 100
/** Graphs between two lines that tell how far it is. */
const TOLD_EVERY = 10_000

function play({ from, seeds, kinds, all }: Seeds): Result {
  const result: Result = { census: newCensus(), failed: [] }
  for (let seed = from; seed < from + seeds; seed++) {
    const of = caseOf(seed, kinds)
    if (!failureOf(of)) count(result.census, of, runs.last!)
    else if (result.failed.push(seed) > 0 && !all) break
  }
  return result
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2))
  const before = performance.now()
  const { census, failed } = await inThreads(options, Math.min(options.threads, Math.ceil(options.seeds / PORTION)))
  const seconds = (performance.now() - before) / 1_000
  const [first] = failed.sort((a, b) => a - b)
  if (first !== undefined) report(first, options.kinds)
  if (first === undefined || options.all) console.log(showCensus(census))
  const held = first === undefined ? 'all held' : `failed: ${failed.join(', ')}`
  console.log(
    `${census.graphs} graphs from seed ${options.from} in ${seconds.toFixed(1)} s: ${Math.round(census.graphs / seconds)} graphs/s; ${held}`,
  )
  return first === undefined ? 0 : 1
}

/** Every thread takes the next portion; all stop at a failure, and the first in order of seeds is told. */
async function inThreads({ from, seeds, kinds, all }: Seeds, threads: number): Promise<Result> {
  if (threads === 1) return play({ from, seeds, kinds, all })
  const total: Result = { census: newCensus(), failed: [] }
  let next = from
  const portion = (): Seeds | undefined => {
    const first = next
    if (first >= from + seeds || (total.failed.length > 0 && !all)) return undefined
    next += PORTION
    return { from: first, seeds: Math.min(PORTION, from + seeds - first), kinds, all }
  }
  const work = (): Promise<void> =>
    new Promise((done, fail) => {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { fuzz: true } })
      const give = (): void => {
        const task = portion()
        if (task) worker.postMessage(task)
        else void worker.terminate().then(() => done())
      }
      worker.on('error', fail)
      worker.on('message', (result: Result) => {
        sum(total.census, result.census)
        total.failed.push(...result.failed)
        const { graphs } = total.census
        if (graphs % TOLD_EVERY < PORTION && graphs > PORTION)
          console.error(`${graphs} graphs; failed: ${total.failed.join(', ') || 'none'}`)
        give()
      })
      give()
    })
  await Promise.all(Array.from({ length: threads }, work))
  return total
}

function report(seed: number, kinds: readonly Kind[]): void {
  const of = caseOf(seed, kinds)
  const failure = failureOf(of)!
  console.log(`seed ${seed} fails: ${failure.message}\nmaking it smaller …`)
  const small = shrink(of, failure.kind)
  const { message, stack } = failureOf(small) ?? failure
  console.log(
    [
      '',
      showCase(small),
      '',
      tail(showRun(runs.last?.entries ?? [])),
      '',
      message,
      stack.split('\n').slice(1, 6).join('\n'),
    ].join('\n'),
  )
  console.log(
    `\nrepeat: npm run fuzz -- --from ${seed} --seeds 1${kinds.length < KINDS.length ? ` --kinds ${kinds.join(',')}` : ''}`,
  )
}

/** The end of a long run is where it fails. */
function tail(text: string): string {
  const lines = text.split('\n').map(line => (line.length > 200 ? `${line.slice(0, 200)} …` : line))
  return [...(lines.length > LINES ? [`… ${lines.length - LINES} lines`] : []), ...lines.slice(-LINES)].join('\n')
}
const LINES = 60

function optionsOf(args: readonly string[]): Seeds & { readonly threads: number } {
  const values: { [name: string]: string } = {}
  for (let at = 0; at < args.length; at += 2) values[args[at]!] = args[at + 1] ?? ''
  const unknown = Object.keys(values).find(
    name => !['--seeds', '--from', '--kinds', '--threads', '--all'].includes(name),
  )
  const kinds = (values['--kinds'] ?? KINDS.join(',')).split(',') as Kind[]
  const stranger = kinds.find(kind => !KINDS.includes(kind))
  if (unknown !== undefined || stranger !== undefined)
    throw new Error(
      `npm run fuzz: ${unknown ?? stranger} is unknown; --seeds N --from S --threads T --kinds ${KINDS.join(',')}`,
    )
  return {
    seeds: Number(values['--seeds'] ?? 1_000),
    from: Number(values['--from'] ?? 0),
    threads: Number(values['--threads'] ?? availableParallelism()),
    kinds,
    all: values['--all'] !== undefined,
  }
}

if (!isMainThread && (workerData as { readonly fuzz?: true } | null)?.fuzz)
  parentPort!.on('message', (task: Seeds) => parentPort!.postMessage(play(task)))
else process.exitCode = await main()
