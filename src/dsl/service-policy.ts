/** Options of services, checked one by one, and what becomes of them in the graph. */
import type { Probe, ServicePolicy } from '../core/graph/graph.ts'
import type { Duration } from '../util/duration.ts'
import { checkOptions, duration, msOf, type Rule, type Rules, text, texts, whole } from './options.ts'
import { RETRY } from './policy.ts'
import type { TaskOptions } from './types.ts'

/** Where a service can be reached. */
export interface Endpoint {
  /** `localhost`, whichever of its addresses the service listens on. */
  readonly host: string
  /** Its first port; 0 when it has none. */
  readonly port: number
  /** `http://localhost:PORT`; empty when it has no port. */
  readonly url: string
  /** All of its ports, by name. */
  readonly ports: { readonly [name: string]: number }
}

/** The value of a service's step. */
export type EndpointOf<R> =
  Awaited<R> extends { readonly endpoint: infer E extends object } ? Omit<Endpoint, keyof E> & Readonly<E> : Endpoint

/** How to see that a service is up. */
export type Ready<R = unknown> =
  /** A TCP connection to its first port is accepted. */
  | 'tcp'
  /** It has ended with 0: what it has started goes on. */
  | 'exit'
  /** Its process has been started, or its function has given its handle. */
  | 'started'
  | { readonly tcp: string }
  /** GET of a path gives 2xx or 3xx, or the very `status`. `port`: the name of one of its ports. */
  | { readonly http: string; readonly port?: string; readonly status?: number }
  /** A line of its output matches. */
  | { readonly log: RegExp }
  /** A file is there that was not, or was another one, when the service was started. */
  | { readonly file: string }
  /** A function gives something true; asked again and again. */
  | ((endpoint: EndpointOf<R>) => unknown)

export interface RestartOptions {
  /** Restarts in a row that do not last 10 s before the service has failed. Default 5. */
  readonly times?: number
  /** Before the first restart; doubled each time. Default 500ms. */
  readonly delay?: Duration
  /** Default 30s. */
  readonly maxDelay?: Duration
}

export interface ServiceOptions<A extends unknown[] = unknown[], R = unknown>
  extends Pick<TaskOptions, 'name' | 'retry' | 'exhausted' | 'deadline' | 'locks' | 'priority' | 'env'> {
  /** Default: `tcp` when it is given a port, else `started`. */
  readonly ready?: Ready<R>
  /** Of one start. Default 60s. */
  readonly readyTimeout?: Duration
  /** Looked at again and again once it is ready: so many failures in a row restart it. */
  readonly live?: {
    readonly probe: Ready<R>
    /** Default 5s. */
    readonly every?: Duration
    /** Default 3. */
    readonly failures?: number
  }
  /** After it has ended by itself, or is no longer live. A number: how many times in a row. */
  readonly restart?: number | RestartOptions
  /** Instead of a restart when its arguments have changed and its code has not: a signal, or a function of what it gave. */
  readonly reload?: `SIG${string}` | ((running: Awaited<R>, ...args: A) => unknown)
  readonly stop?: {
    /** Default SIGTERM. */
    readonly signal?: `SIG${string}`
    /** Until SIGKILL. Default 10s. */
    readonly grace?: Duration
  }
}

/** As the graph has it but for what needs a trace: functions get their names there, and ports are known. */
export interface UntracedPolicy extends Omit<ServicePolicy, 'ready' | 'live' | 'reload'> {
  readonly ready: Ready | undefined
  readonly live: (Omit<NonNullable<ServicePolicy['live']>, 'probe'> & { readonly probe: Ready }) | undefined
  readonly reload: ServiceOptions['reload']
}

/** Refuses BAD_OPTION and BAD_DURATION at the place of the definition. */
export function servicePolicyOf({
  ready,
  readyTimeout,
  live,
  restart = {},
  reload,
  stop = {},
}: ServiceOptions): UntracedPolicy {
  if (live !== undefined) checkOptions(live, LIVE, 'live.', ['probe'])
  const again = typeof restart === 'number' ? { times: restart } : restart
  checkOptions(again, RESTART, 'restart.')
  checkOptions(stop, STOP, 'stop.')
  return {
    ready,
    readyTimeoutMs: msOf(readyTimeout ?? '60s'),
    live: live && { probe: live.probe, everyMs: msOf(live.every ?? '5s'), failures: live.failures ?? 3 },
    restart: {
      times: again.times ?? 5,
      delayMs: msOf(again.delay ?? '500ms'),
      delayMsMax: msOf(again.maxDelay ?? '30s'),
      factor: 2,
    },
    reload,
    stop: { signal: stop.signal ?? 'SIGTERM', graceMs: msOf(stop.grace ?? '10s') },
  }
}

/** Gives a function a name that the graph can hold. */
export type Bind = (role: string, fn: AnyFunction) => string

// biome-ignore lint/suspicious/noExplicitAny: users' functions have any parameters; they are only ever called with evaluated arguments.
type AnyFunction = (...args: any[]) => unknown

/** `listens`: whether it is given a port. */
export function tracedPolicy(
  { ready, live, reload, ...rest }: UntracedPolicy,
  listens: boolean,
  bind: Bind,
): ServicePolicy {
  return {
    ...rest,
    ready: probeOf(ready ?? (listens ? 'tcp' : 'started'), 'ready', bind),
    ...(live ? { live: { ...live, probe: probeOf(live.probe, 'live', bind) } } : {}),
    ...(reload === undefined ? {} : { reload: reloadOf(reload, bind) }),
  }
}

const reloadOf = (reload: NonNullable<ServiceOptions['reload']>, bind: Bind): NonNullable<ServicePolicy['reload']> =>
  typeof reload === 'string'
    ? { kind: 'signal', signal: reload }
    : { kind: 'function', fn: bind('reload', reload as AnyFunction) }

function probeOf(ready: Ready, role: string, bind: Bind): Probe {
  if (typeof ready === 'string') return { kind: ready }
  if (typeof ready === 'function') return { kind: 'function', fn: bind(role, ready as AnyFunction) }
  if ('tcp' in ready) return { kind: 'tcp', port: ready.tcp }
  if ('log' in ready) return { kind: 'log', pattern: ready.log.source, flags: ready.log.flags.replace(/[gy]/g, '') }
  if ('file' in ready) return { kind: 'file', path: ready.file }
  const { http, port, status } = ready
  return {
    kind: 'http',
    path: http,
    ...(port === undefined ? {} : { port }),
    ...(status === undefined ? {} : { status }),
  }
}

const SIGNAL: Rule = { holds: value => /^SIG[A-Z0-9]+$/.test(String(value)), takes: 'a signal', example: "'SIGINT'" }

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isPort = (value: unknown): boolean => value === undefined || isText(value)

const READY: Rule = {
  holds: isReady,
  takes: "'tcp', 'exit', 'started', { tcp }, { http }, { log }, { file } or a function",
  example: "{ http: '/health' }",
}

function isReady(value: unknown): boolean {
  if (typeof value === 'string') return ['tcp', 'exit', 'started'].includes(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'function'
  const { tcp, http, port, status, log, file, ...rest } = value as { readonly [field: string]: unknown }
  if (Object.keys(rest).length > 0) return false
  const ways = [isText(tcp), isText(http), log instanceof RegExp, isText(file)].filter(Boolean)
  return ways.length === 1 && isPort(port) && (status === undefined || Number.isSafeInteger(status))
}

const aRecord: Rule = {
  holds: value => typeof value === 'object' && value !== null,
  takes: 'a record of options',
  example: '{}',
}

/** For `checkOptions`. */
export const SERVICE_OPTIONS: Rules<ServiceOptions> = {
  name: text("'api'"),
  retry: RETRY,
  exhausted: { ...text("'park'"), takes: "'fail' or 'park'" },
  deadline: duration,
  locks: { holds: Array.isArray, takes: 'a list of locks', example: '[ledger]' },
  priority: { holds: Number.isFinite, takes: 'a number', example: '10' },
  env: texts("['CI']"),
  ready: READY,
  readyTimeout: duration,
  live: { ...aRecord, example: "{ probe: 'tcp', every: '5s' }" },
  restart: {
    holds: value => aRecord.holds(value) || (Number.isSafeInteger(value) && (value as number) >= 0),
    takes: 'a whole number of restarts, or a record of options',
    example: '3',
  },
  reload: {
    holds: value => typeof value === 'function' || SIGNAL.holds(value),
    takes: 'a signal or a function',
    example: "'SIGHUP'",
  },
  stop: { ...aRecord, example: "{ signal: 'SIGINT', grace: '30s' }" },
}

const LIVE: Rules<NonNullable<ServiceOptions['live']>> = {
  probe: READY,
  every: duration,
  failures: whole(1, 'a whole number of failures', '3'),
}
const RESTART: Rules<RestartOptions> = {
  times: whole(0, 'a whole number of restarts', '3'),
  delay: duration,
  maxDelay: duration,
}
const STOP: Rules<NonNullable<ServiceOptions['stop']>> = { signal: SIGNAL, grace: duration }
