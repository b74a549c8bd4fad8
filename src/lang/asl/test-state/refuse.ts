/** Refusals inside of TestState: thrown where they are found, a value at its border. */
import type { Json } from '../../../util/json.ts'
import type { Refusal } from './request.ts'

export class RefusedTest extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.cause)
    this.refusal = refusal
  }
}

export function refuse(cause: string, error: Refusal['error'] = 'ValidationException'): never {
  throw new RefusedTest({ error, cause })
}

/** JSON text as a value; `otherwise`: what is said of text that is none. */
export function parsed(text: string, otherwise: (reason: string) => never): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    return otherwise((error as Error).message)
  }
}

export const isRecord = (value: Json | undefined): value is { readonly [field: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
