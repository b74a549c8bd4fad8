/**
 * What the loader tells the language about the file that it loads: names, sites, and what must not be done to a ref.
 * Without the loader nothing here is called and everything works, with names given or derived.
 */
import { type Position, Refusal } from '../util/diagnostic.ts'
import { isRef, nameOf, type Named } from './handle.ts'

/** A syntax position. `id` is structural (enclosing functions, callee, ordinal): it outlives edits elsewhere in the file. */
export interface Site {
  readonly at: Position
  readonly id: string
}

interface Locator {
  /** The user's call that is on the stack now. */
  readonly current: () => Site | undefined
  /**
   * The folders of the projects whose modules are on the stack, innermost first, as seen from the folder of the file that was
   * asked for: `../api`, and `''` for that very folder. Modules of no project are passed over.
   */
  readonly projects?: () => readonly string[]
  /** Where the user's code threw. */
  readonly ofError: (error: unknown) => Position | undefined
  /** The engine's words, which quote generated code, in the user's own. */
  readonly plain: (message: string) => string
}

let locator: Locator = { current: () => undefined, ofError: () => undefined, plain: message => message }

/** The loader knows where the user's code stands. */
export function installLocator(next: Locator): void {
  locator = next
}

export const currentSite = (): Site | undefined => locator.current()
export const currentProjects = (): readonly string[] => locator.projects?.() ?? []
export const positionOfError = (error: unknown): Position | undefined => locator.ofError(error)
export const plainMessage = (message: string): string => locator.plain(message)

/** What `body` gives; what it refuses without a place is refused at the user's call that is on the stack. */
export function located<T>(body: () => T): T {
  try {
    return body()
  } catch (error) {
    const at = error instanceof Refusal ? currentSite()?.at : undefined
    if (!(error instanceof Refusal) || !at) throw error
    throw new Refusal(
      error.diagnostics.map(each => ({ ...each, at: each.at ?? at })),
      { cause: error.cause },
    )
  }
}

/** `const name = value`: names a definition or a ref that has no name yet; anything else passes through. */
export function nameValue<T>(value: T, name: string, at: Position): T {
  const named: Named | undefined = nameOf(value)
  named?.(name, at)
  return value
}

/** `value` where it is about to be tested or coerced: refuses with REF_TESTED when it is a ref. `form`: `if`, `&&`, `template string` … */
export function guardRef<T>(value: T, form: string, at: Position): T {
  if (!isRef(value)) return value
  // A rejection would be nobody's: the body that awaits is left where it stands, and the trace refuses at its end.
  if (form === 'await' && trace) return { then: refuseThen(at) } as T
  return refuseRef(form, at)
}

export function refuseRef(form: string, at: Position | undefined): never {
  throw noted(form, at)
}

/**
 * A promise asks a ref for its `then`. What is thrown there becomes a rejection that nobody may see, so in a trace the
 * refusal is kept for the trace's end, and the promise never settles.
 */
export function refuseThen(at: Position | undefined): () => void {
  const refusal = noted('await', at)
  if (!trace) throw refusal
  return () => undefined
}

/** The first refusal of a ref in the trace that runs now. */
let trace: { refusal: Refusal | undefined } | undefined

/** Runs a trace. A tested ref is refused at its end at the latest: no `try` or promise of the body makes it pass silently. */
export function withoutSilence<T>(body: () => T): T {
  const outer = trace
  const own = { refusal: undefined as Refusal | undefined }
  trace = own
  try {
    const value = body()
    if (own.refusal) throw own.refusal
    return value
  } finally {
    trace = outer
  }
}

function noted(form: string, at: Position | undefined): Refusal {
  const refusal = new Refusal({
    code: 'REF_TESTED',
    severity: 'error',
    message: `A ref has no value while the workflow is traced, so it cannot be used in ${form}`,
    ...(at ? { at } : {}),
    hint: 'Branch with when() or match(), map with .to(value => …), or write the body as a flow(async …).',
  })
  if (trace) trace.refusal ??= refusal
  return refusal
}
