/** What steps print, kept for `tutti logs`: one NDJSON file a run beside the store. Not part of the log of events. */
import { appendFileSync, createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Line } from '../run/session.ts'

const logPath = (storePath: string, run: string): string => join(storePath, 'logs', `${run}.ndjson`)

export interface LogFile {
  add(line: Line): void
  flush(): void
}

/** Collects the lines of one turn and writes them together. */
export function openLogFile(storePath: string): LogFile {
  let waiting = new Map<string, string[]>()
  const flush = (): void => {
    const lines = waiting
    waiting = new Map()
    for (const [run, texts] of lines) {
      try {
        mkdirSync(join(storePath, 'logs'), { recursive: true })
        appendFileSync(logPath(storePath, run), texts.join(''))
      } catch {
        // A disk without room for output must not fail the run: its events will say so themselves.
      }
    }
  }
  return {
    flush,
    add(line) {
      if (waiting.size === 0) setImmediate(flush)
      const { run, ...rest } = line
      const texts = waiting.get(run) ?? []
      texts.push(`${JSON.stringify(rest)}\n`)
      waiting.set(run, texts)
    },
  }
}

export type StoredLine = Omit<Line, 'run'>

export function readLog(storePath: string, run: string): readonly StoredLine[] {
  const path = logPath(storePath, run)
  return existsSync(path) ? parseLines(readFileSync(path, 'utf8')) : []
}

/** The same one by one, for what may be larger than memory. */
export async function* eachLogLine(storePath: string, run: string): AsyncGenerator<StoredLine> {
  const path = logPath(storePath, run)
  if (!existsSync(path)) return
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }))
    yield* parseLines(line)
}

function parseLines(text: string): readonly StoredLine[] {
  // The last line may be torn by a kill.
  return text.split('\n').flatMap(line => {
    try {
      return line === '' ? [] : [JSON.parse(line) as StoredLine]
    } catch {
      return []
    }
  })
}

/** Lines as they come, until `ended` says that no more will. */
export async function* followLog(
  storePath: string,
  run: string,
  ended: () => boolean,
  wait: () => Promise<void>,
): AsyncGenerator<StoredLine> {
  let offset = 0
  let rest = ''
  for (;;) {
    const last = ended()
    const path = logPath(storePath, run)
    if (existsSync(path)) {
      const file = await open(path)
      const { size } = await file.stat()
      const bytes = Buffer.alloc(Math.max(0, size - offset))
      await file.read(bytes, 0, bytes.length, offset)
      await file.close()
      offset = size
      const text = rest + bytes.toString('utf8')
      const cut = text.lastIndexOf('\n') + 1
      rest = text.slice(cut)
      yield* parseLines(text.slice(0, cut))
    }
    if (last) return
    await wait()
  }
}
