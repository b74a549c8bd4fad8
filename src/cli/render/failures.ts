/** Why a run failed, as diagnostics: each failed step with the line of the user's code that threw, and what to do next. */
import type { Diagnostic, Position } from '../../util/diagnostic.ts'
import { isWork, type RunView, type ScopeView, scopesOf, stepsOf, type StepView } from '../../observe/run-view.ts'
import type { Fault } from '../../core/engine/protocol.ts'
import { causesOf, type Decoded, errorOf, stackOf } from './faults.ts'

export interface FailureOptions {
  /** Folder of the user's file: code inside it is the user's, code outside is not shown. */
  readonly dir: string
  readonly decoded?: Decoded
}

/** More failures than this are mostly the same one. */
const FAILURES_MAX = 5

export function failureDiagnostics(view: RunView, { dir, decoded }: FailureOptions): readonly Diagnostic[] {
  const failures = take(originsIn(view, view.root), FAILURES_MAX).flatMap(step => failureOf(view, step, dir, decoded))
  if (failures.length > 0 || view.fault === undefined) return failures
  const { code, message } = view.fault
  return [
    {
      code,
      severity: 'error',
      message: `the run failed: ${message}`,
      at: userFrame(stackOf(view.fault, decoded), dir),
    },
  ]
}

/**
 * Where the failures of a scope came from. Not looked into is what went on all the same (a failure that was caught or
 * tolerated), and what has a fault of its own, which has the faults inside as its causes (a race of which all arms failed).
 */
function* originsIn(view: RunView, scope: ScopeView): Generator<StepView> {
  for (const step of stepsOf(view, scope)) {
    const { state } = step
    if (state.kind !== 'failed') continue
    const { fault } = state
    if (isWork(step.kind) || fault.step === undefined || fault.step === step.id) yield step
    else {
      const failed = scopesOf(step).filter(inner => inner.state === 'failed')
      const on = failed.filter(inner => fault.step?.startsWith(inner.path))
      // Of an attempt only the way that its failure went: what its body failed with is the cause of that.
      for (const inner of step.kind === 'attempt' ? on : failed) yield* originsIn(view, inner)
    }
  }
}

function take<T>(from: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = []
  for (const each of from) {
    if (taken.length >= count) break
    taken.push(each)
  }
  return taken
}

function failureOf(view: RunView, step: StepView, dir: string, decoded: Decoded | undefined): readonly Diagnostic[] {
  if (step.state.kind !== 'failed') return []
  const { fault } = step.state
  return [
    {
      code: fault.code,
      severity: 'error',
      message: `step ${step.path} failed: ${fault.message}`,
      at: userFrame(stackOf(fault, decoded), dir) ?? step.at,
      related: causesOf(fault, decoded).map(({ text }) => ({ message: `caused by ${text}` })),
      hint: hintFor(view, step, fault, hintOf(errorOf(fault.error, decoded ?? new Map()))),
    },
  ]
}

function hintFor(view: RunView, step: StepView, fault: Fault, own: string | undefined): string {
  if (fault.code === 'DIVERGED') return `To go on without the recorded call: tutti resume ${view.run} --accept STEP`
  const redrive = `tutti redrive ${view.run} --from ${step.path}`
  return own ? `${own} Then go on with: ${redrive}` : `When it is mended, go on with: ${redrive}`
}

/** What a refusal of ours, thrown inside the task, said that one could do. */
function hintOf(error: unknown): string | undefined {
  const { diagnostics } = (error ?? {}) as { readonly diagnostics?: unknown }
  const [first] = Array.isArray(diagnostics) ? (diagnostics as readonly { readonly hint?: unknown }[]) : []
  return typeof first?.hint === 'string' ? first.hint : undefined
}

/** The innermost frame of a stack that lies in `dir`, relative to it. */
export function userFrame(stack: string | undefined, dir: string): Position | undefined {
  const inside = dir.endsWith('/') ? dir : `${dir}/`
  for (const [, path = '', line, column] of stack?.matchAll(
    /(?:\(|at )(?:file:\/\/)?(\/[^()\n]*?):(\d+):(\d+)\)?$/gm,
  ) ?? []) {
    if (path.startsWith(inside) && !path.includes('/node_modules/'))
      return { file: path.slice(inside.length), line: Number(line), column: Number(column) }
  }
  return undefined
}
