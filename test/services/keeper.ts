/** Services without a run: each call is an attempt of a step, its values at hand. */
import type { Bound } from '../../src/core/index.ts'
import type { ServicePolicy } from '../../src/core/graph/graph.ts'
import type { Attempt } from '../../src/exec/attempt.ts'
import { openPort } from '../../src/exec/service.ts'
import { openServices, type ServiceState, type ServicesOptions } from '../../src/services/index.ts'

type Fn = (...args: never[]) => unknown

export interface Step {
  readonly name: string
  readonly fn: Fn
  readonly args?: readonly unknown[]
  /** Names, or names with a number. */
  readonly ports?: readonly (string | readonly [string, number])[]
  readonly policy?: Partial<ServicePolicy>
  readonly code?: string
  /** By the name that the policy has. */
  readonly functions?: { readonly [name: string]: Fn }
  readonly signal?: AbortSignal
}

const POLICY: ServicePolicy = {
  ready: { kind: 'started' },
  readyTimeoutMs: 10_000,
  restart: { times: 2, delayMs: 20, delayMsMax: 50, factor: 2 },
  stop: { signal: 'SIGTERM', graceMs: 2_000 },
}

export function keeper(cwd: string, options: ServicesOptions = {}) {
  const lines: string[] = []
  const states: string[] = []
  const services = openServices({
    store: `${cwd}/.tutti`,
    scope: () => 'w',
    onLine: ({ service, text }) => void lines.push(`${service.name} | ${text}`),
    onState: ({ name, state }) => void states.push(`${name} ${state.kind}`),
    ...options,
  })

  return {
    services,
    lines,
    states,
    state: (name: string): ServiceState | undefined => services.list().find(each => each.name === name)?.state,
    /** Its endpoint, or the fault as an error. */
    async ask(step: Step): Promise<Record<string, unknown>> {
      const { name, ports = [], args = [] } = step
      const work = { kind: 'service', bundle: 'b', task: name, executor: 'inline' } as const
      const resources = ports.map(each => {
        const [port, number] = typeof each === 'string' ? [each] : each
        return { kind: 'port' as const, name: port, ...(number === undefined ? {} : { number }) }
      })
      const literals = args.map(
        (value): Bound => ({
          kind: 'value',
          value: { codec: 'json', hash: JSON.stringify(value), sizeBytes: 0 },
          path: [],
        }),
      )
      const attempt: Attempt = {
        run: 'r',
        step: name,
        name,
        attempt: 1,
        idempotencyKey: '',
        policy: {},
        cwd,
        args: [...literals, ...resources.map(resource => ({ kind: 'resource' as const, resource }))],
        work: { ...work, service: { ...POLICY, ...step.policy } },
      }
      let kept: unknown
      const numbers = await Promise.all(resources.map(resource => services.port(attempt, resource)))
      const opened = {
        args: [...args, ...resources.map((resource, index) => openPort(resource.name, numbers[index] as number))],
        keep: (value: unknown) => {
          kept = value
          return { codec: 'json', hash: '', sizeBytes: 0 }
        },
        fault: async (error: unknown) => {
          const { code, message } = error as { readonly code?: string; readonly message: string }
          return { code: code ?? 'TASK_FAILED', message }
        },
      }
      const bindings = {
        task: (task: string) =>
          task === name ? { fn: step.fn, options: { code: () => ({ hash: step.code ?? '1' }) } } : undefined,
        pure: (fn: string) => step.functions?.[fn],
      }
      const reports = { line: () => undefined, record: () => undefined, alive: () => undefined, saw: () => undefined }
      const { signal = new AbortController().signal } = step
      const outcome = await services.executor(bindings)({ ...attempt, opened }, signal, reports)
      if (outcome.kind === 'succeeded') return kept as Record<string, unknown>
      throw outcome.kind === 'failed'
        ? new Error(`${outcome.fault.code}: ${outcome.fault.message}`)
        : new Error('cancelled')
    },
  }
}
