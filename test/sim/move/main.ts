/**
 * `npm run fuzz:moves -- [--seeds N] [--from S] [--seconds N] [--threads T] [--all yes]`: for each seed a random graph in mid-run, and random
 * edits of it: may the run be moved, and does it then go on as a run of the edited graph? The first failure is made smaller and
 * shown, with the line that repeats it; `--all` goes on after it.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { failureOf, runs } from '../check.ts'
import { showCase, showGraph, showRun, tail } from '../show.ts'
import { inThreads, optionsIn, playAsThread, type Seeds } from '../threads.ts'
import { type Census, count, newCensus, showCensus, sum } from './census.ts'
import { checkMoves, type MoveCase, moveCaseOf, type Tried } from './check.ts'
import { edited } from './edit.ts'
import { shrinkMoves } from './shrink.ts'

interface Options {
  /** Goes on after a failure. */
  readonly all: boolean
}
interface Result {
  readonly census: Census
  readonly failed: number[]
}

/** Cases between two lines that tell how far it is. */
const TOLD_EVERY = 10_000

function play({ from, seeds }: Seeds, { all }: Options): Result {
  const result: Result = { census: newCensus(), failed: [] }
  for (let seed = from; seed < from + seeds; seed++) {
    let tried: readonly Tried[] = []
    const failure = failureOf(moveCaseOf(seed), of => (tried = checkMoves(of)))
    if (!failure) count(result.census, tried)
    else if (result.failed.push(seed) > 0 && !all) break
  }
  return result
}

async function main(): Promise<number> {
  const values = optionsIn(process.argv.slice(2), ['seeds', 'from', 'seconds', 'threads', 'all'])
  const seeds = { seeds: Number(values['seeds'] ?? 1_000), from: Number(values['from'] ?? 0) }
  const threads = Number(values['threads'] ?? availableParallelism())
  const options: Options = { all: values['all'] !== undefined }
  const before = performance.now()
  const total: Result = { census: newCensus(), failed: [] }
  const onResult = ({ census, failed }: Result): void => {
    sum(total.census, census)
    total.failed.push(...failed)
    const { cases } = total.census
    if (cases % TOLD_EVERY < 100 && cases > 100)
      console.error(`${cases} cases; failed: ${total.failed.join(', ') || 'none'}`)
  }
  const module = fileURLToPath(import.meta.url)
  const afterFailure = options.all ? 'go on' : 'stop'
  const seconds = Number(values['seconds'] ?? Number.POSITIVE_INFINITY)
  await inThreads(seeds, { module, threads, afterFailure, seconds, options, onResult })
  const [first] = total.failed.sort((a, b) => a - b)
  if (first !== undefined) report(first)
  if (first === undefined || options.all) console.log(showCensus(total.census))
  const took = (performance.now() - before) / 1_000
  const held = first === undefined ? 'all held' : `failed: ${total.failed.join(', ')}`
  const { cases } = total.census
  console.log(
    `${cases} cases from seed ${seeds.from} in ${took.toFixed(1)} s: ${Math.round(cases / took)} cases/s; ${held}`,
  )
  return first === undefined ? 0 : 1
}

function report(seed: number): void {
  const of = moveCaseOf(seed)
  const failure = failureOf(of, checkMoves)!
  console.log(`seed ${seed} fails: ${failure.message}\nmaking it smaller …`)
  const small = shrinkMoves(of, failure.kind)
  const { message, stack } = failureOf(small, checkMoves) ?? failure
  const run = tail(showRun(runs.last?.entries ?? []))
  console.log(['', showCase(small), '', ...showMoves(small), '', run, '', message].join('\n'))
  console.log(stack.split('\n').slice(1, 6).join('\n'))
  console.log(`\nrepeat: npm run fuzz:moves -- --from ${seed} --seeds 1`)
}

/** Each with the lines of the edited graph that the one before it has not, were it edited. */
function showMoves({ graph, moves }: MoveCase): readonly string[] {
  const before = new Set(showGraph(graph))
  return moves.flatMap(({ before: action, edits, attempts }) => [
    `move before action ${action}: ${edits.map(({ kind }) => kind).join(', ')}; attempts ${attempts}`,
    ...showGraph(edited(graph, edits).graph).filter(line => !before.has(line)),
  ])
}

if (!playAsThread(play)) process.exitCode = await main()
