/**
 * A process that is watched looks at its own log: what it, and all that it has started, did between two moments. To find
 * them in the log it asks for files that nobody has, and strace, which holds it at each call, has written that down before
 * it goes on.
 *
 *   S9. What is told is all that was done between the two moments, or nothing at all.
 */
import { existsSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs'
import { observeCalls, type Observed, type ObserveOptions } from './processes.ts'

export interface Sighting {
  /** Undefined: the log is not there, or does not know of this process's calls. */
  end(): Observed | undefined
}

export interface LogWindow {
  begin(): Sighting
}

const CHUNK_BYTES = 1 << 18
/** What has been read of the log is given back to the disk when it is more than this. */
const LOG_BYTES_MAX = 64 << 20
/** A name that is nobody's. */
const MARK = '/.tutti/sight/mark'

export function openWindow(log: string, options: ObserveOptions): LogWindow {
  const observer = observeCalls(options)
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let file: number | undefined
  let marks = 0
  let keptBytes = 0
  let rest = ''

  /** Reads on to the mark that it sets now; false when it is not there. */
  const readToMark = (): boolean => {
    const mark = `"${MARK}${++marks}"`
    existsSync(mark.slice(1, -1))
    file ??= openNameless(log)
    if (file === undefined) return false
    let found = false
    for (let size = 1; size > 0; ) {
      size = readSync(file, chunk)
      keptBytes += size
      const lines = (rest + chunk.toString('latin1', 0, size)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        found ||= line.includes(mark)
        observer.line(line)
      }
    }
    return found
  }

  return {
    begin() {
      const isThere = readToMark()
      observer.cut()
      if (file !== undefined && keptBytes > LOG_BYTES_MAX) keptBytes = forget(file)
      return { end: () => (readToMark() && isThere ? observer.cut() : undefined) }
    },
  }
}

/** Once it is open nobody else needs it: nothing is left of it whoever is killed. */
function openNameless(log: string): number | undefined {
  try {
    const file = openSync(log, 'r+')
    unlinkSync(log)
    return file
  } catch {
    return undefined
  }
}

/** strace and we go on where we were; what lies before is a hole. Between two attempts nothing of interest is written. */
function forget(file: number): number {
  ftruncateSync(file, 0)
  return 0
}
