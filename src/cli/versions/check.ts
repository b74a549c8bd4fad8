/** Whether a version is good: by how its run ended, by a step of it, by its output, or by what a command says of it. */
import { spawn } from 'node:child_process'
import type { RunStatus, ValueRef } from '../../core/index.ts'
import type { RunView, StepView } from '../../observe/index.ts'
import { refuse, Refusal } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { stepsIn } from '../commands/stored-run.ts'
import type { Verdict } from './bisect.ts'

export type Check =
  /** Bad: it does not succeed. */
  | { readonly kind: 'fails' }
  /** Bad: this step fails. */
  | { readonly kind: 'step'; readonly step: string }
  /** Bad: it gives something else than the good version. */
  | { readonly kind: 'output-differs' }
  /** A line for the shell, as of `git bisect run`: 0 is good, 125 is neither, all else below 128 is bad. */
  | { readonly kind: 'command'; readonly line: string }

export interface Tried {
  readonly version: string
  readonly run: string
  readonly status: RunStatus
  readonly view: RunView
  readonly output: ValueRef | undefined
  /** Its output as scripts get it; null when there is none. */
  readonly shown: Json
}

export interface Judged {
  readonly verdict: Verdict
  /** In a few words. */
  readonly why: string
}

/** `good`: what the good version gave; undefined while that one is being judged. */
export async function judge(check: Check, tried: Tried, good: Tried | undefined, cwd: string): Promise<Judged> {
  switch (check.kind) {
    case 'fails':
      return { verdict: tried.status === 'succeeded' ? 'good' : 'bad', why: tried.status }
    case 'step':
      return judgeStep(check.step, tried)
    case 'output-differs':
      return judgeOutput(tried, good)
    case 'command':
      return judgeByCommand(check.line, tried, cwd)
  }
}

/** A version without the step, or a run that has not come to it, cannot tell. */
function judgeStep(name: string, { view }: Tried): Judged {
  const found = begun(view, name)
  if (found.length === 0) return { verdict: 'skip', why: `it has not come to ${name}` }
  const failed = found.find(({ state }) => state.kind === 'failed')
  return failed ? { verdict: 'bad', why: `${failed.path} failed` } : { verdict: 'good', why: `${name} did not fail` }
}

function begun(view: RunView, name: string): readonly StepView[] {
  try {
    return stepsIn(view, name)
  } catch (error) {
    if (error instanceof Refusal) return []
    throw error
  }
}

function judgeOutput({ output, status }: Tried, good: Tried | undefined): Judged {
  if (status !== 'succeeded') return { verdict: good ? 'bad' : 'skip', why: status }
  if (!good) return { verdict: 'good', why: 'its output is what others are compared with' }
  const isSame = output?.hash === good.output?.hash
  return isSame ? { verdict: 'good', why: 'the same output' } : { verdict: 'bad', why: 'another output' }
}

const SKIP = 125
const ABORT = 128

async function judgeByCommand(line: string, tried: Tried, cwd: string): Promise<Judged> {
  const code = await exitOf(line, tried, cwd)
  if (code === 0) return { verdict: 'good', why: 'the check passed' }
  if (code === SKIP) return { verdict: 'skip', why: 'the check cannot tell' }
  if (code < ABORT) return { verdict: 'bad', why: `the check ended with ${code}` }
  return refuse('CHECK_ABORTED', `The check ended with ${code} for ${tried.version}, so nothing more is tried`, {
    hint: 'Exit code 0 says good, 125 that it cannot be told, any other below 128 bad.',
  })
}

const exitOf = (line: string, { run, version, status, shown }: Tried, cwd: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(line, {
      shell: true,
      cwd,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...process.env, TUTTI_RUN: run, TUTTI_VERSION: version, TUTTI_STATUS: status },
    })
    child.once('error', reject)
    child.once('close', code => resolve(code ?? ABORT))
    // A check need not read what it is given.
    child.stdin.on('error', () => undefined)
    child.stdin.end(`${JSON.stringify(shown)}\n`)
  })
