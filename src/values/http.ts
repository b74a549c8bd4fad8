/**
 * What an address gives, as a file under the project: asked for again with ETag and Last-Modified, so that what has not changed
 * is not sent again. The file is a cache: one that was edited or removed is fetched anew.
 */
import { createWriteStream, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Source } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Hash } from '../util/hash.ts'
import { sha256 } from './digest.ts'
import type { Stamps } from './stamps.ts'

/** Of the whole answer. */
const TIMEOUT_MS = 60_000
/** Relative to the project; restored values lie beside it. */
const FOLDER = '.tutti/restored/http'

export interface Fetched {
  readonly path: string
  /** When the server was asked last. */
  readonly checkedAtMs: number
}

interface Fetching {
  readonly stamps: Stamps
  readonly now: () => number
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

/** What is known of an address: of the answer whose body is in the file. */
interface Answer {
  readonly hash: Hash
  readonly etag: string | null
  readonly lastModified: string | null
  readonly checkedAtMs: number
}

type HttpSource = Extract<Source, { kind: 'http' }>

/** Refuses with SOURCE_UNREACHABLE. */
export async function fetchSource(source: HttpSource, cwd: string, fetching: Fetching): Promise<Fetched> {
  const place = placeOf(source, cwd)
  const known = await lastAnswer(place, fetching.stamps)
  const nowMs = fetching.now()
  if (known && isFresh(known, source.everyMs, nowMs)) return { path: place.body, checkedAtMs: known.checkedAtMs }
  const response = await ask(source, known, fetching)
  if (response.status === 304 && known) return keep(place, { ...known, checkedAtMs: nowMs })
  if (!response.ok) {
    await response.body?.cancel()
    refuseUnreachable(source, `answered ${response.status} ${response.statusText}`.trim())
  }
  await receive(response, place, source)
  const { hash } = await fetching.stamps.hashOf(place.body)
  const { headers } = response
  return keep(place, {
    hash,
    etag: headers.get('etag'),
    lastModified: headers.get('last-modified'),
    checkedAtMs: nowMs,
  })
}

interface Place {
  readonly folder: string
  readonly body: string
  readonly answer: string
}

/** One folder for each address and headers; the file has the name that the address ends in. */
function placeOf({ url, headers }: HttpSource, cwd: string): Place {
  const folder = join(cwd, FOLDER, sha256(JSON.stringify([url, headers ?? {}])).slice(0, 16))
  const name =
    new URL(url).pathname
      .split('/')
      .at(-1)
      ?.replace(/[^\w.-]+/g, '_') ?? ''
  return { folder, body: join(folder, /\w/.test(name) ? name : 'body'), answer: join(folder, '.answer.json') }
}

async function lastAnswer({ answer, body }: Place, stamps: Stamps): Promise<Answer | undefined> {
  try {
    const known = JSON.parse(readFileSync(answer, 'utf8')) as Answer
    return (await stamps.hashOf(body)).hash === known.hash ? known : undefined
  } catch {
    // Never fetched, or the cache is damaged: it is fetched anew.
    return undefined
  }
}

const isFresh = ({ checkedAtMs }: Answer, everyMs: number | undefined, nowMs: number): boolean =>
  everyMs !== undefined && checkedAtMs <= nowMs && nowMs < checkedAtMs + everyMs

async function ask(source: HttpSource, known: Answer | undefined, fetching: Fetching): Promise<Response> {
  const conditions: Record<string, string> = {}
  if (known?.etag) conditions['if-none-match'] = known.etag
  if (known?.lastModified) conditions['if-modified-since'] = known.lastModified
  const timeout = AbortSignal.timeout(fetching.timeoutMs ?? TIMEOUT_MS)
  const signal = fetching.signal ? AbortSignal.any([fetching.signal, timeout]) : timeout
  try {
    return await fetch(source.url, { headers: { ...source.headers, ...conditions }, signal })
  } catch (problem) {
    return refuseUnreachable(source, reasonOf(problem))
  }
}

/** Beside its place first: a half body is never taken for a whole one. */
async function receive(response: Response, { folder, body }: Place, source: HttpSource): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const fresh = join(folder, `.${randomUUID()}`)
  try {
    if (response.body) await pipeline(Readable.fromWeb(response.body), createWriteStream(fresh))
    else writeFileSync(fresh, '')
    renameSync(fresh, body)
  } catch (problem) {
    rmSync(fresh, { force: true })
    refuseUnreachable(source, reasonOf(problem))
  }
}

function keep({ folder, body, answer }: Place, known: Answer): Fetched {
  const fresh = join(folder, `.${randomUUID()}`)
  writeFileSync(fresh, JSON.stringify(known))
  renameSync(fresh, answer)
  return { path: body, checkedAtMs: known.checkedAtMs }
}

/** `fetch` says only that it failed; its cause says why. */
function reasonOf(problem: unknown): string {
  const { name, message, cause } = problem as {
    readonly name?: string
    readonly message?: string
    readonly cause?: { readonly code?: string; readonly message?: string }
  }
  if (name === 'TimeoutError') return 'did not answer in time'
  return `cannot be reached: ${cause?.code ?? cause?.message ?? message ?? String(problem)}`
}

function refuseUnreachable({ url }: HttpSource, what: string): never {
  refuse('SOURCE_UNREACHABLE', `${url} ${what}`, {
    hint: 'Check the address and the network; `retry` on a task that fetches it waits for better times.',
  })
}
