/** Between data and values: opens an attempt's arguments for the function inside, and stores what it returns. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Fault, Outcome, ValueRef } from '../../core/engine/protocol.ts'
import type { Resource } from '../../core/graph/graph.ts'
import { HANDLE, isHandle, type Output } from '../../dsl/resources.ts'
import { allNow, evaluate, type Environment } from '../../values/evaluate.ts'
import { resourcesIn } from '../../values/bound-resources.ts'
import { LocalOutput, openOutput } from '../../values/handles.ts'
import type { ValueStore } from '../../values/store.ts'
import { unreachable } from '../../util/unreachable.ts'
import { type Attempt, isOutcome, type Middleware } from '../attempt.ts'
import { faultOf } from '../fault.ts'
import type { Bindings } from '../inline.ts'
import { noPort, openPort, type ServiceHost } from '../service.ts'
import { refuseLeak } from '../secrets/blobs.ts'
import { givenSecret, openSecret } from '../secrets/open.ts'
import { leakIn } from '../secrets/vault.ts'
import { openSource, type SourceHost } from '../source.ts'

export interface IoOptions {
  /** Over guarded blobs (../secrets/blobs.ts), so that no secret is stored. */
  readonly values: ValueStore
  readonly bindings: Bindings
  /** A secret's value, instead of the one that lies where its graph says. */
  readonly secret?: (name: string) => string
  /** The number of a service's port. */
  readonly port?: ServiceHost['port']
  readonly sources?: SourceHost
}

export const io =
  ({ values, bindings, secret, port = noPort, sources: host = {} }: IoOptions): Middleware =>
  next =>
  (attempt, signal, reports) => {
    const task = attempt.work.kind === 'source' ? attempt.name : attempt.work.task
    const fault = (error: unknown, code?: string): Promise<Fault> => faultOf(error, values, task, code)
    const env: Environment = {
      load: (ref, path) => values.decode(ref, path),
      loadNow: (ref, path) => values.decodeNow(ref, path),
      pure: name => pureOf(bindings, name),
      resource: resource => openResource(resource, { attempt, secret, port }),
    }
    let returned: Returned | undefined
    const keep = (value: unknown) => {
      const ref = values.encodeSoon(value, { task })
      const note = (kept: ValueRef): ValueRef => {
        returned = { value, ref: checked(kept, task) }
        return kept
      }
      return ref instanceof Promise ? ref.then(note) : note(ref)
    }
    const inside = (args: readonly unknown[]) => {
      const outcome = next({ ...attempt, opened: { args, fault, keep } }, signal, reports)
      if (attempt.key === undefined) return outcome
      const paths = outputPaths(attempt)
      if (paths.length === 0) return outcome
      const wrote = (done: Outcome) =>
        withWritten(done, { paths, returned, values, task }).catch(error => {
          reports.line('stderr', `warning: OUTPUT_UNKEPT: no other run can take this result: ${showError(error)}`)
          return done
        })
      return isOutcome(outcome) ? wrote(outcome) : outcome.then(wrote)
    }
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
    const { work } = attempt
    if (work.kind === 'source')
      return openSource(attempt, work.source, { host, values, reports, signal }).then(
        value => inside([value]),
        error => (signal.aborted ? { kind: 'cancelled' } : failed(error)),
      )
    return args === undefined ? openArgs(attempt, env).then(inside, failed) : inside(args)
  }

const openArgs = (attempt: Attempt, env: Environment): Promise<readonly unknown[]> =>
  Promise.all(attempt.args.map(arg => evaluate(arg, env)))

function pureOf(bindings: Bindings, name: string): (...args: unknown[]) => unknown {
  const fn = bindings.pure(name)
  if (fn === undefined) throw Object.assign(new Error(`The bundle has no function ${name}`), { code: 'TASK_UNKNOWN' })
  return fn as (...args: unknown[]) => unknown // its types were checked where .to() was called
}

interface Opening {
  readonly attempt: Attempt
  readonly secret: IoOptions['secret']
  readonly port: ServiceHost['port']
}

async function openResource(resource: Resource, { attempt, secret, port }: Opening): Promise<unknown> {
  const cwd = attempt.root ?? attempt.cwd
  switch (resource.kind) {
    case 'output':
      return openOutput(resource.path, cwd, resolve(cwd, resource.dir ?? ''))
    case 'secret':
      return secret ? givenSecret(resource.name, secret(resource.name)) : openSecret(resource, cwd)
    case 'port':
      return openPort(resource.name, await (attempt.work.kind === 'service' ? port : noPort)(attempt, resource))
    default:
      return unreachable(resource)
  }
}

interface Returned {
  readonly value: unknown
  readonly ref: ValueRef
}

/** Of the outputs that it is to write. (An output that is a value was written by another step.) */
const outputPaths = ({ args, cwd, root = cwd }: Attempt): readonly string[] =>
  args.flatMap(resourcesIn).flatMap(each => (each.kind === 'output' ? [resolve(root, each.path)] : []))

const isOutput = (value: unknown): value is Output => isHandle(value) && value[HANDLE] === 'output'

interface Written {
  readonly paths: readonly string[]
  readonly returned: Returned | undefined
  readonly values: ValueStore
  readonly task: string
}

/** What may be taken by other runs says what it wrote, so that it can be put back. What it did not write, it need not have. */
async function withWritten(outcome: Outcome, { paths, returned, values, task }: Written): Promise<Outcome> {
  if (outcome.kind !== 'succeeded') return outcome
  const wrote = await Promise.all(
    paths.map(path => {
      if (isOutput(returned?.value) && returned.value.path === path) return returned.ref
      return existsSync(path) ? values.encode(new LocalOutput(path, true), { task }) : undefined
    }),
  )
  return { ...outcome, wrote: wrote.filter(ref => ref !== undefined) }
}

const showError = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Small values never meet the blobs: they stand in the event, so they are looked at here. */
function checked(ref: ValueRef, task: string): ValueRef {
  const name = ref.inline === undefined ? undefined : leakIn(ref.inline)
  if (name !== undefined) refuseLeak(name, `The result of ${task}`)
  return ref
}
