/**
 * Task tokens: the text that a state hands out, by which somebody later says how its work went.
 *
 *   K1. A token is made of nothing but where it waits (run, signal, step), so it is the same after every restart.
 *   K2. It holds no space and nothing that a shell or an address would have to quote.
 */

export interface TokenPlace {
  readonly run: string
  /** The name of the signal that the run waits for. */
  readonly signal: string
  /** The step that waits. */
  readonly step?: string
}

/** What is signalled when a token is sent back: SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. */
export type Callback =
  | { readonly output: unknown }
  | { readonly error?: string; readonly cause?: string }
  | { readonly heartbeat: true }

const PREFIX = 'TUTTI'

export function tokenOf({ run, signal, step }: TokenPlace): string {
  const place = JSON.stringify(step === undefined ? [run, signal] : [run, signal, step])
  return PREFIX + Buffer.from(place, 'utf8').toString('base64url')
}

/** Undefined: none of ours. */
export function placeOf(token: string): TokenPlace | undefined {
  if (!token.startsWith(PREFIX)) return undefined
  try {
    const place: unknown = JSON.parse(Buffer.from(token.slice(PREFIX.length), 'base64url').toString('utf8'))
    if (!Array.isArray(place) || !place.every(part => typeof part === 'string')) return undefined
    const [run, signal, step] = place as readonly string[]
    if (run === undefined || signal === undefined) return undefined
    return { run, signal, ...(step === undefined ? {} : { step }) }
  } catch {
    return undefined
  }
}
