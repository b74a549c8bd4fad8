/** Words for what befalls services. */
import { unreachable } from '../util/unreachable.ts'
import type { End } from './process.ts'

export const showError = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export function showEnd(end: End): string {
  switch (end.kind) {
    case 'exited':
      return `ended with exit code ${end.code}`
    case 'killed':
      return `was killed by ${end.signal}`
    case 'not-started':
      return `did not start: ${end.message}`
    case 'threw':
      return `failed: ${showError(end.error)}`
    case 'returned':
      return 'came to its end'
    default:
      return unreachable(end)
  }
}

/** What a step of a service fails with. The fields are data: they are kept with the fault. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: 'SERVICE_NOT_READY' | 'SERVICE_EXITED' | 'SERVICE_FAILED' | 'BAD_ENDPOINT'
  /** The last lines of its output. */
  readonly lastLines: readonly string[]

  constructor(code: ServiceError['code'], sentence: string, lastLines: readonly string[]) {
    super([sentence, ...lastLines.slice(-SHOWN_LINES).map(line => `  ${line}`)].join('\n'))
    this.code = code
    this.lastLines = lastLines
  }
}

const SHOWN_LINES = 10
