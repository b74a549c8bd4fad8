/**
 * Node's inspector for one attempt: opened when the user's file is loaded, so that breakpoints in it are found at once, and
 * before the attempt begins; nothing of ours has to be stepped through.
 */
import { open, Session, url } from 'node:inspector'
import { refuse } from '../../util/diagnostic.ts'

export interface InspectorAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

const DEFAULT: InspectorAddress = { host: '127.0.0.1', port: 9229 }

/** Reads `HOST:PORT`, `PORT` or `HOST`, as Node does. Refuses with USAGE. */
export function inspectorAddress(text: string | undefined): InspectorAddress {
  if (!text) return DEFAULT
  const [, host, port] = WITH_PORT.exec(text) ?? HOST_ALONE.exec(text) ?? []
  const address = {
    host: host?.replace(/^\[|\]$/g, '') ?? DEFAULT.host,
    port: port === undefined ? DEFAULT.port : Number(port),
  }
  if ((host !== undefined || port !== undefined) && address.port <= 65_535) return address
  return refuse('USAGE', `${JSON.stringify(text)} is no address for a debugger`, {
    hint: 'Write HOST:PORT, such as --inspect=127.0.0.1:9229, or a port alone.',
  })
}

const WITH_PORT = /^(?:(\[[\da-fA-F:.]+\]|\w[\w.-]*):)?(\d{1,5})$/
const HOST_ALONE = /^(\[[\da-fA-F:.]+\]|\w[\w.-]*)$/

/**
 * Listens, and blocks until a debugger is there and lets go. Node tells the address on stderr: `listeningAt` knows the line.
 * Both in one call: a debugger that lets go between listening and waiting would be waited for for ever, and only in there
 * no interrupt of the engine lets it. Refuses with INSPECTOR_UNAVAILABLE.
 */
export function awaitDebugger({ host, port }: InspectorAddress): void {
  try {
    open(port, host, true)
  } catch (error) {
    return unavailable(`${host}:${port}`, error instanceof Error ? error.message : String(error))
  }
  if (url() === undefined) unavailable(`${host}:${port}`, 'the address is in use, or not one of this machine')
}

/** The `ws://…` of the line with which Node says that it listens; editors look for it, too. */
export const listeningAt = (line: string): string | undefined => /^Debugger listening on (ws:\S+)/.exec(line)?.[1]

function unavailable(address: string, why: string): never {
  refuse('INSPECTOR_UNAVAILABLE', `A debugger cannot be waited for at ${address}: ${why}`, {
    hint: 'Use another port, such as --inspect=9230, or --inspect=0 for any that is free.',
  })
}

/** The debugger pauses when `fn` is entered, at its first line. */
export function pauseIn(fn: (...args: never[]) => unknown): void {
  const holder = globalThis as { [PAUSED]?: typeof fn | undefined }
  const session = new Session()
  session.connect()
  holder[PAUSED] = fn
  session.post('Debugger.enable')
  session.post('Runtime.evaluate', { expression: `globalThis[Symbol.for('${PAUSED_KEY}')]` }, (error, found) => {
    const objectId = found?.result.objectId
    if (!error && objectId !== undefined) pauseAt(session, objectId)
  })
  holder[PAUSED] = undefined
}

const PAUSED_KEY = 'tutti.debugged'
const PAUSED = Symbol.for(PAUSED_KEY)

/** Answers come at once: a session of the same thread calls back before `post` returns. */
function pauseAt(session: Session, objectId: string): void {
  session.post('Runtime.getProperties', { objectId, ownProperties: true }, (error, found) => {
    const place = error ? undefined : found.internalProperties?.find(each => each.name === '[[FunctionLocation]]')
    // Native and bound functions have no place; then the debugger stops where the user has set a breakpoint.
    if (place?.value) session.post('Debugger.setBreakpoint', { location: place.value.value as Location })
  })
}

interface Location {
  readonly scriptId: string
  readonly lineNumber: number
  readonly columnNumber?: number
}
