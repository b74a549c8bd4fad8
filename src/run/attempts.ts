/** From an open step to an attempt that an executor can run, and from the executor's answer to an outcome. */
import { resolve } from 'node:path'
import { idempotencyKey, type Outcome, type StepDescription, type StepId } from '../core/index.ts'
import type { Source } from '../core/graph/graph.ts'
import type { Attempt, Executor, Reports } from '../exec/attempt.ts'
import type { Hash } from '../util/hash.ts'

export interface AttemptOptions {
  readonly run: string
  readonly step: StepId
  readonly attempt: number
  /** Under which the executor finds the code. */
  readonly bundleId: string
  /** Folder of the run's file. */
  readonly cwd: string
  readonly key?: Hash
  readonly ahead?: number
}

/** Plain data: with the bundle and the blobs, any process can run it. */
export function attemptOf({ node, args, failures }: StepDescription, options: AttemptOptions): Attempt {
  const { run, step, attempt, bundleId, cwd, key: fresh, ahead } = options
  const key = idempotencyKey(run, step)
  const common = {
    run,
    step,
    name: node.name,
    attempt,
    idempotencyKey: key,
    args,
    policy: node.policy,
    cwd,
    ...('dir' in node && node.dir !== undefined ? { cwd: resolve(cwd, node.dir), root: cwd } : {}),
    ...(fresh === undefined ? {} : { key: fresh }),
    ...(ahead === undefined ? {} : { ahead }),
    ...(failures === undefined ? {} : { failures }),
  }
  switch (node.kind) {
    case 'task':
    case 'effect':
      return { ...common, work: { kind: node.kind, bundle: bundleId, task: node.task, executor: node.executor } }
    case 'service':
      return {
        ...common,
        work: { kind: 'service', bundle: bundleId, task: node.task, executor: 'inline', service: node.service },
      }
    case 'flow':
      return { ...common, work: { kind: 'task', bundle: bundleId, task: node.flow, executor: 'inline' } }
    case 'source':
      return { ...common, ...lookOf(node.source, bundleId, cwd) }
    default:
      throw new Error(`defect: a step of kind ${node.kind} has no attempts`)
  }
}

/** A function is called like a task, and nobody else's result is taken for it. */
function lookOf(
  source: Source,
  bundle: string,
  cwd: string,
): Pick<Attempt, 'work'> & Partial<Pick<Attempt, 'cwd' | 'root'>> {
  if (source.kind !== 'function') return { work: { kind: 'source', source } }
  const { task, dir } = source
  const place = dir === undefined ? {} : { cwd: resolve(cwd, dir), root: cwd }
  return { ...place, work: { kind: 'task', bundle, task, executor: 'inline' } }
}

/** Calls the executor; `finish` hears its answer exactly once, at once when there was nothing to wait for. */
export function execute(
  executor: Executor,
  work: Attempt,
  { signal, reports }: { readonly signal: AbortSignal; readonly reports: Reports },
  finish: (outcome: Outcome) => void,
): void {
  // Executors answer with data; one that throws is a defect, and the run must not hang on it.
  const defect = (error: unknown): void =>
    finish({ kind: 'failed', fault: { code: 'EXECUTOR_DEFECT', message: String(error) } })
  let outcome: ReturnType<Executor>
  try {
    outcome = executor(work, signal, reports)
  } catch (error) {
    return defect(error)
  }
  if (outcome instanceof Promise) outcome.then(finish, defect)
  else finish(outcome)
}
