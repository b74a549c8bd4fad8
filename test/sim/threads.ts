/** Seeds shared out among threads: each takes the next portion; all stop at a failure, unless told to go on. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

export interface Seeds {
  readonly from: number
  readonly seeds: number
}

export interface Sharing<R> {
  /** The module that plays a portion as a thread; it ends in `playAsThread`. */
  readonly module: string
  readonly threads: number
  readonly afterFailure: 'stop' | 'go on'
  /** No portion is begun after so long. */
  readonly seconds?: number
  /** Options that every thread gets. */
  readonly options: unknown
  readonly onResult: (result: R) => void
}

/** Seeds that a thread takes at a time. */
const PORTION = 100

export async function inThreads<R extends { readonly failed: readonly number[] }>(
  { from, seeds }: Seeds,
  { module, threads, afterFailure, seconds = Number.POSITIVE_INFINITY, options, onResult }: Sharing<R>,
): Promise<void> {
  const end = performance.now() + seconds * 1_000
  let next = from
  let stops = false
  const portion = (): Seeds | undefined => {
    const first = next
    if (first >= from + seeds || stops || performance.now() > end) return undefined
    next += PORTION
    return { from: first, seeds: Math.min(PORTION, from + seeds - first) }
  }
  const work = (): Promise<void> =>
    new Promise((done, fail) => {
      const worker = new Worker(module, { workerData: { fuzz: options } })
      const give = (): void => {
        const task = portion()
        if (task) worker.postMessage(task)
        else void worker.terminate().then(() => done())
      }
      worker.on('error', fail)
      worker.on('message', (result: R) => {
        onResult(result)
        stops ||= afterFailure === 'stop' && result.failed.length > 0
        give()
      })
      give()
    })
  const count = Math.min(threads, Math.ceil(seeds / PORTION))
  await Promise.all(Array.from({ length: count }, work))
}

/** In a thread: plays what it is given. In the main thread: nothing, and says so. */
export function playAsThread<O, R>(play: (seeds: Seeds, options: O) => R): boolean {
  const data = workerData as { readonly fuzz?: O } | null
  if (isMainThread || data?.fuzz === undefined) return false
  const { fuzz } = data
  parentPort!.on('message', (seeds: Seeds) => parentPort!.postMessage(play(seeds, fuzz)))
  return true
}

/** `--name value` pairs of which every name is one of `names`; undefined for a stranger. */
export function optionsIn(args: readonly string[], names: readonly string[]): { [name: string]: string } {
  const values: { [name: string]: string } = {}
  for (let at = 0; at < args.length; at += 2) values[args[at]!.replace(/^--/, '')] = args[at + 1] ?? ''
  const unknown = Object.keys(values).find(name => !names.includes(name))
  if (unknown !== undefined) throw new Error(`--${unknown} is unknown; there are --${names.join(', --')}`)
  return values
}
