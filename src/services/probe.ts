/** Looking whether a service is up: one look each, bounded in time, which says what it saw. */
import { statSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import type { Probe } from '../core/graph/graph.ts'
import { unreachable } from '../util/unreachable.ts'
import { showError } from './show.ts'

export type Seen = { readonly kind: 'up' } | { readonly kind: 'down'; readonly why: string }

export interface Target {
  /** By name, the first one first. */
  readonly ports: { readonly [name: string]: number }
  readonly endpoint: () => unknown
  readonly cwd: string
  readonly pure: (name: string) => ((...args: unknown[]) => unknown) | undefined
  /** Lines of its output, those that have been there first. */
  readonly lines: Lines
}

export interface Lines {
  /** Whether one has matched since the start; `listener` is told of the first that does. */
  seen(pattern: RegExp): boolean
}

/** Looks again and again at one thing. */
export interface Watch {
  look(timeoutMs: number): Promise<Seen>
  /** For people: what is looked at. */
  readonly what: string
}

const UP: Seen = { kind: 'up' }
const down = (why: string): Seen => ({ kind: 'down', why })

/** `exit` and `started` are no looks: who has started the service hears of them. */
export type LookedAt = Exclude<Probe, { kind: 'exit' | 'started' }>

/** What a file was is remembered from here on, so it is called before the service is started. */
export function watchOf(probe: LookedAt, target: Target): Watch {
  switch (probe.kind) {
    case 'tcp': {
      const port = portOf(probe.port, target)
      return { what: `a connection to localhost:${port}`, look: ms => anyAddress(host => connects(host, port, ms)) }
    }
    case 'http': {
      const port = portOf(probe.port, target)
      const { path, status } = probe
      const what = `GET http://localhost:${port}${path}`
      return { what, look: ms => anyAddress(host => answers({ host, port, path, status, timeoutMs: ms })) }
    }
    case 'log': {
      const pattern = new RegExp(probe.pattern, probe.flags)
      return {
        what: `a line that matches ${String(pattern)}`,
        look: async () => (target.lines.seen(pattern) ? UP : down('no line does')),
      }
    }
    case 'file':
      return fileWatch(resolve(target.cwd, probe.path), probe.path)
    case 'function':
      return { what: `its function ${probe.fn}`, look: ms => asks(probe.fn, target, ms) }
    default:
      return unreachable(probe)
  }
}

function portOf(name: string | undefined, { ports }: Target): number {
  const port = name === undefined ? Object.values(ports)[0] : ports[name]
  if (port !== undefined) return port
  const named = Object.keys(ports).join(', ')
  throw Object.assign(
    new Error(
      name === undefined
        ? 'It is to be looked at by its port, and has none: give it one, port(…), as an argument'
        : `It is to be looked at by its port ${name}, and ${named === '' ? 'has none' : `its ports are ${named}`}`,
    ),
    { code: 'PORT_UNKNOWN' },
  )
}

/** What `localhost` may be: whichever answers. */
const ADDRESSES = ['127.0.0.1', '::1']

async function anyAddress(look: (host: string) => Promise<Seen>): Promise<Seen> {
  const seen = ADDRESSES.map(look)
  const first = await Promise.any(
    seen.map(async each => ((await each).kind === 'up' ? UP : Promise.reject(each))),
  ).catch(() => undefined)
  // Of what did not answer, IPv4 tells it in the usual words.
  return first ?? seen[0] ?? down('there is no address')
}

function connects(host: string, port: number, timeoutMs: number): Promise<Seen> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const end = (seen: Seen): void => {
      socket.destroy()
      resolve(seen)
    }
    socket.once('connect', () => end(UP))
    socket.once('timeout', () => end(down(`no answer within ${timeoutMs}ms`)))
    socket.once('error', error => end(down(refusal(error))))
  })
}

interface Asked {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly status: number | undefined
  readonly timeoutMs: number
}

function answers({ host, port, path, status, timeoutMs }: Asked): Promise<Seen> {
  return new Promise(resolve => {
    const request = get({ host, port, path, agent: false, headers: { host: `localhost:${port}` } }, response => {
      const code = response.statusCode ?? 0
      response.resume()
      const isGood = status === undefined ? code >= 200 && code < 400 : code === status
      end(isGood ? UP : down(`status ${code}`))
    })
    // The whole look is bounded, not only its silences: a server may answer and never end its headers.
    const timer = setTimeout(() => end(down(`no answer within ${timeoutMs}ms`)), timeoutMs)
    const end = (seen: Seen): void => {
      clearTimeout(timer)
      request.destroy()
      resolve(seen)
    }
    request.once('error', error => end(down(refusal(error))))
  })
}

const refusal = (error: NodeJS.ErrnoException): string =>
  error.code === 'ECONNREFUSED' ? 'nobody listens there' : error.code === 'ECONNRESET' ? 'it hung up' : error.message

function fileWatch(path: string, shown: string): Watch {
  const before = stampOf(path)
  return {
    what: `the file ${shown}`,
    look: async () => {
      const now = stampOf(path)
      if (now === undefined) return down('it is not there')
      return now === before ? down('it is the one that was there before the service was started') : UP
    },
  }
}

function stampOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.size}`
}

async function asks(name: string, { pure, endpoint }: Target, timeoutMs: number): Promise<Seen> {
  const fn = pure(name)
  if (!fn) return down('the bundle has no such function')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Seen>(resolve => {
    timer = setTimeout(() => resolve(down(`no answer within ${timeoutMs}ms`)), timeoutMs)
  })
  const asked = (async () => ((await fn(endpoint())) ? UP : down('it did not give true')))()
  try {
    return await Promise.race([asked, late])
  } catch (error) {
    return down(showError(error))
  } finally {
    clearTimeout(timer)
  }
}
