/** What validators of Standard Schema (https://standardschema.dev) tell of themselves: their JSON Schema and their default. */
import { refuse } from '../util/diagnostic.ts'
import type { Json } from '../util/json.ts'
import { currentSite } from './hooks.ts'
import type { Schema, Schemas } from './types.ts'

/** Refuses BAD_ARGUMENT for what is no record of validators. */
export function checkSchemas(schemas: Schemas, what: string): void {
  for (const [name, schema] of Object.entries(schemas)) checkSchema(schema, `the parameter ${name} of ${what}`)
}

export function checkSchema(schema: Schema, where: string): void {
  if (typeof schema?.['~standard']?.validate === 'function') return
  refuse('BAD_ARGUMENT', `${where} needs a validator`, {
    at: currentSite()?.at,
    hint: 'For example z.string() of zod, or any other Standard Schema.',
  })
}

/** `{}` when the validator does not tell it (https://standardschema.dev/json-schema). */
export function jsonSchemaOf(schema: Schema): Json {
  const standard = schema['~standard'] as {
    readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => unknown }
  }
  try {
    const { $schema: _, ...type } = (standard.jsonSchema?.input?.({ target: 'draft-2020-12' }) ?? {}) as {
      readonly [key: string]: Json
    }
    return type
  } catch {
    // A validator may have no JSON Schema for what it checks (a transform, a custom class): its type is unknown.
    return {}
  }
}

/** What an absent argument becomes. */
export type Absent = { readonly kind: 'refused' } | { readonly kind: 'accepted'; readonly value: unknown }

/** An asynchronous validator cannot answer while a body is traced: its parameter is required. */
export function absentIn(schema: Schema): Absent {
  const result = schema['~standard'].validate(undefined)
  if (result instanceof Promise) {
    result.catch(() => undefined)
    return { kind: 'refused' }
  }
  return result.issues === undefined ? { kind: 'accepted', value: result.value } : { kind: 'refused' }
}
