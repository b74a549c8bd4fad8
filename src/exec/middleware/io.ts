/** Between data and values: opens an attempt's arguments for the function inside, and stores what it returns. */
import type { Fault, Outcome, ValueRef } from '../../core/engine/protocol.ts'
import type { Resource } from '../../core/graph/graph.ts'
import { allNow, evaluate, type Environment } from '../../values/evaluate.ts'
import { openOutput } from '../../values/handles.ts'
import { readSource } from '../../values/sources.ts'
import type { ValueStore } from '../../values/store.ts'
import { refuse } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Attempt, Reports, Middleware } from '../attempt.ts'
import { faultOf } from '../fault.ts'
import type { Bindings } from '../inline.ts'
import { refuseLeak } from '../secrets/blobs.ts'
import { givenSecret, openSecret } from '../secrets/open.ts'
import { leakIn } from '../secrets/vault.ts'

export interface IoOptions {
  /** Over guarded blobs (../secrets/blobs.ts), so that no secret is stored. */
  readonly values: ValueStore
  readonly bindings: Bindings
  /** A secret's value, instead of the one that lies where its graph says. */
  readonly secret?: (name: string) => string
}

export const io =
  ({ values, bindings, secret }: IoOptions): Middleware =>
  next =>
  (attempt, signal, reports) => {
    const task = attempt.work.kind === 'source' ? attempt.name : attempt.work.task
    const fault = (error: unknown, code?: string): Promise<Fault> => faultOf(error, values, task, code)
    const env: Environment = {
      load: (ref, path) => values.decode(ref, path),
      loadNow: (ref, path) => values.decodeNow(ref, path),
      pure: name => pureOf(bindings, name),
      resource: resource => openResource(resource, attempt.cwd, secret),
    }
    const keep = (value: unknown) => {
      const ref = values.encodeSoon(value, { task })
      return ref instanceof Promise ? ref.then(kept => checked(kept, task)) : checked(ref, task)
    }
    const inside = (args: readonly unknown[]) => next({ ...attempt, opened: { args, fault, keep } }, signal, reports)
    const failed = async (error: unknown): Promise<Outcome> => ({
      kind: 'failed',
      fault: await fault(error, 'ARGUMENT_FAILED'),
    })
    let args: readonly unknown[] | undefined
    try {
      args = attempt.work.kind === 'source' ? undefined : allNow(attempt.args, env)
    } catch (error) {
      return failed(error)
    }
    return args === undefined ? openArgs(attempt, env, reports).then(inside, failed) : inside(args)
  }

const openArgs = async (attempt: Attempt, env: Environment, reports: Reports): Promise<readonly unknown[]> =>
  attempt.work.kind === 'source'
    ? [
        await readSource(attempt.work.source, attempt.cwd, warning =>
          reports.line('stderr', `warning: ${warning.code}: ${warning.message}`),
        ),
      ]
    : Promise.all(attempt.args.map(arg => evaluate(arg, env)))

function pureOf(bindings: Bindings, name: string): (...args: unknown[]) => unknown {
  const fn = bindings.pure(name)
  if (fn === undefined) throw Object.assign(new Error(`The bundle has no function ${name}`), { code: 'TASK_UNKNOWN' })
  return fn as (...args: unknown[]) => unknown // its types were checked where .to() was called
}

async function openResource(resource: Resource, cwd: string, secret: IoOptions['secret']): Promise<unknown> {
  switch (resource.kind) {
    case 'output':
      return openOutput(resource.path, cwd)
    case 'secret':
      return secret ? givenSecret(resource.name, secret(resource.name)) : openSecret(resource, cwd)
    case 'port':
      return refuse('PORT_OUTSIDE_SERVICE', `The port ${resource.name} can only be used by a service`, {
        hint: 'Pass it to a service().',
      })
    default:
      return unreachable(resource)
  }
}

/** Small values never meet the blobs: they stand in the event, so they are looked at here. */
function checked(ref: ValueRef, task: string): ValueRef {
  const name = ref.inline === undefined ? undefined : leakIn(ref.inline)
  if (name !== undefined) refuseLeak(name, `The result of ${task}`)
  return ref
}
