/** Positions as the user sees them: the loader counts from the file's folder, the user stands somewhere else. */
import { isAbsolute, join, relative } from 'node:path'
import { type Diagnostic, type Position, Refusal } from '../util/diagnostic.ts'

/** Runs `body`; positions in what it refuses are led to the user's folder. */
export type Placed = <T>(body: () => T) => T

/** A position in a file of `dir`, seen from `cwd`; files that lie elsewhere keep their whole path. */
export function placeIn(dir: string, cwd: string): (at: Position) => Position {
  return at => {
    const path = isAbsolute(at.file) ? at.file : join(dir, at.file)
    const near = relative(cwd, path)
    return { ...at, file: near.startsWith('..') ? path : near }
  }
}

export function placedFrom(dir: string, cwd: string): Placed {
  const place = placeIn(dir, cwd)
  const rethrow = (error: unknown): never => {
    throw error instanceof Refusal && !seen.has(error) ? placed(error, place) : error
  }
  return body => {
    try {
      const result = body()
      // What is refused later is refused all the same; the type of the promise does not change.
      return result instanceof Promise ? (result.catch(rethrow) as typeof result) : result
    } catch (error) {
      return rethrow(error)
    }
  }
}

/** Refusals pass several of these on their way out, and are placed once. */
const seen = new WeakSet<Refusal>()

function placed(refusal: Refusal, place: (at: Position) => Position): Refusal {
  const diagnostics = refusal.diagnostics.map(
    (each): Diagnostic => ({
      ...each,
      ...(each.at ? { at: place(each.at) } : {}),
      ...(each.related ? { related: each.related.map(one => (one.at ? { ...one, at: place(one.at) } : one)) } : {}),
    }),
  )
  const result = new Refusal(diagnostics, { cause: refusal.cause })
  if (refusal.stack !== undefined) result.stack = refusal.stack
  seen.add(result)
  return result
}
