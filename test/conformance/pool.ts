/**
 * Jobs in threads, each with an end: one that hangs or runs out of memory takes its thread with it, and the others go on in a
 * new one.
 */
import { Worker } from 'node:worker_threads'

export interface PoolOptions<Job, Result> {
  /** Module of a thread: takes jobs by messages and answers each with one. */
  readonly module: string
  readonly jobs: readonly Job[]
  readonly threads: number
  /** Of one job, in real time. */
  readonly patienceMs: number
  readonly heapMb: number
  readonly onResult: (job: Job, result: Result) => void
  /** In place of a result. */
  readonly onLost: (job: Job, reason: string) => void
}

export async function inThreads<Job, Result>(options: PoolOptions<Job, Result>): Promise<void> {
  const waiting = [...options.jobs].reverse()
  const next = (): Job | undefined => waiting.pop()
  const threads = Math.min(options.threads, options.jobs.length)
  await Promise.all(Array.from({ length: threads }, () => inThread(options, next)))
}

/** Until no job is left; a thread that dies is followed by another. */
async function inThread<Job, Result>(options: PoolOptions<Job, Result>, next: () => Job | undefined): Promise<void> {
  let worker: Worker | undefined
  for (let job = next(); job !== undefined; job = next()) {
    worker ??= newWorker(options)
    const end = await endOf<Job, Result>(worker, job, options.patienceMs)
    if (end.kind === 'result') options.onResult(job, end.result)
    else {
      await worker.terminate()
      worker = undefined
      options.onLost(job, end.reason)
    }
  }
  await worker?.terminate()
}

const newWorker = <Job, Result>({ module, heapMb }: PoolOptions<Job, Result>): Worker =>
  new Worker(module, { resourceLimits: { maxOldGenerationSizeMb: heapMb } })
    // A late error of a thread that is given up is nobody's.
    .on('error', () => undefined)

type End<Result> =
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'lost'; readonly reason: string }

function endOf<Job, Result>(worker: Worker, job: Job, patienceMs: number): Promise<End<Result>> {
  return new Promise(resolve => {
    const lost = (reason: string): void => finish({ kind: 'lost', reason })
    const timer = setTimeout(() => lost(`took more than ${patienceMs / 1_000} s`), patienceMs)
    const onMessage = (result: Result): void => finish({ kind: 'result', result })
    const onError = (error: unknown): void => lost(error instanceof Error ? error.message : String(error))
    const onExit = (code: number): void => lost(`ended its thread with ${code}`)
    const finish = (end: End<Result>): void => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      resolve(end)
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(job)
  })
}
