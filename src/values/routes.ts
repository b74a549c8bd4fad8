/**
 * Values that go to a user's own storage instead of blobs: a warehouse, a bucket, a registry. The route writes the value and
 * returns a token, which stands in the event; reading gets the token back.
 *
 * The token is what tells one content from another: put a version or a content hash into it, since steps that get the same
 * token are taken to get the same value.
 */
import type { ValueRef } from '../core/engine/protocol.ts'
import { refuse } from '../util/diagnostic.ts'
import type { Json } from '../util/json.ts'
import type { Where } from './codec.ts'
import { sha256 } from './digest.ts'

export interface Route {
  /** Stored with every routed value. */
  readonly name: string
  /** A task's name, or a choice among them. All tasks when absent. */
  readonly task?: string | ((task: string) => boolean)
  /** All values when absent. */
  readonly matches?: (value: unknown) => boolean
  write(value: unknown, where: Where): Promise<Json>
  read(token: Json): Promise<unknown>
}

const PREFIX = 'route:'

export function isRouted(route: Route, value: unknown, where: Where): boolean {
  const task =
    typeof route.task === 'function' ? route.task(where.task) : route.task === undefined || route.task === where.task
  return task && (route.matches?.(value) ?? true)
}

export async function writeRouted(route: Route, value: unknown, where: Where): Promise<ValueRef> {
  const inline = JSON.stringify(await route.write(value, where))
  if (inline === undefined)
    refuse('ROUTE_TOKEN', `Route "${route.name}" returned no token for the result of ${where.task}`, {
      hint: 'Return JSON by which the route finds the value again.',
    })
  const codec = PREFIX + route.name
  return { codec, hash: sha256(`${codec}\n${inline}`), sizeBytes: Buffer.byteLength(inline), inline }
}

/** The value, or undefined when it is no routed one. */
export function readRouted(routes: readonly Route[], ref: ValueRef): Promise<unknown> | undefined {
  if (!ref.codec.startsWith(PREFIX)) return undefined
  const name = ref.codec.slice(PREFIX.length)
  const route = routes.find(each => each.name === name)
  if (!route)
    refuse('CODEC_UNKNOWN', `There is no route "${name}" to read a value with`, {
      hint: 'Give the route with which the value was written.',
    })
  return route.read(JSON.parse(ref.inline ?? 'null') as Json)
}
