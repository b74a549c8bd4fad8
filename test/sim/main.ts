/**
 * `npm run fuzz -- [--seeds N] [--from S] [--kinds K,…] [--threads T] [--all yes]`: plays a random graph for each seed and checks
 * all that must hold. The first failure is made smaller and shown, with the line that repeats it; `--all` goes on after it.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Census, count, newCensus, showCensus, sum } from './census.ts'
import { caseOf, failureOf, runs } from './check.ts'
import { KINDS, type Kind } from './generate.ts'
import { shrink } from './shrink.ts'
import { showCase, showRun, tail } from './show.ts'
import { inThreads, optionsIn, playAsThread, type Seeds } from './threads.ts'

interface Options {
  readonly kinds: readonly Kind[]
  /** Goes on after a failure. */
  readonly all: boolean
}
interface Result {
  readonly census: Census
  readonly failed: number[]
}

/** Graphs between two lines that tell how far it is. */
const TOLD_EVERY = 10_000

function play({ from, seeds }: Seeds, { kinds, all }: Options): Result {
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
  const { from, seeds, threads, kinds, all } = options
  const before = performance.now()
  const total: Result = { census: newCensus(), failed: [] }
  const onResult = ({ census, failed }: Result): void => {
    sum(total.census, census)
    total.failed.push(...failed)
    const { graphs } = total.census
    if (graphs % TOLD_EVERY < 100 && graphs > 100)
      console.error(`${graphs} graphs; failed: ${total.failed.join(', ') || 'none'}`)
  }
  if (threads === 1) onResult(play(options, options))
  else {
    const module = fileURLToPath(import.meta.url)
    const afterFailure = all ? 'go on' : 'stop'
    await inThreads({ from, seeds }, { module, threads, afterFailure, options: { kinds, all }, onResult })
  }
  const { census, failed } = total
  const seconds = (performance.now() - before) / 1_000
  const [first] = failed.sort((a, b) => a - b)
  if (first !== undefined) report(first, kinds)
  if (first === undefined || all) console.log(showCensus(census))
  const held = first === undefined ? 'all held' : `failed: ${failed.join(', ')}`
  console.log(
    `${census.graphs} graphs from seed ${from} in ${seconds.toFixed(1)} s: ${Math.round(census.graphs / seconds)} graphs/s; ${held}`,
  )
  return first === undefined ? 0 : 1
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

function optionsOf(args: readonly string[]): Seeds & Options & { readonly threads: number } {
  const values = optionsIn(args, ['seeds', 'from', 'kinds', 'threads', 'all'])
  const kinds = (values['kinds'] ?? KINDS.join(',')).split(',') as Kind[]
  const stranger = kinds.find(kind => !KINDS.includes(kind))
  if (stranger !== undefined) throw new Error(`the kind ${stranger} is unknown; there are ${KINDS.join(', ')}`)
  return {
    seeds: Number(values['seeds'] ?? 1_000),
    from: Number(values['from'] ?? 0),
    threads: Number(values['threads'] ?? availableParallelism()),
    kinds,
    all: values['all'] !== undefined,
  }
}

if (!playAsThread(play)) process.exitCode = await main()
