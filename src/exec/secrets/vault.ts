/**
 * The secrets that this process knows, and how they are kept out of everything that it writes. One per process: a value
 * that one step revealed must not show up in the output of another.
 */
import { refuse } from '../../util/diagnostic.ts'
import type { Json } from '../../util/json.ts'
import { shared } from '../shared.ts'
import { formsOf, SECRET_CHARS_MIN } from './forms.ts'
import { redactWhole, secretIn, type Form } from './stream.ts'

interface Vault {
  readonly values: Map<string, string>
  /** Environment variables that hold secrets: commands get them only when the step passes them on. */
  readonly hiddenEnv: Set<string>
  forms: readonly Form[]
}

const vault = shared<Vault>('vault', () => ({ values: new Map(), hiddenEnv: new Set(), forms: [] }))

/** From now on `value` is redacted everywhere. Refuses with SECRET_SHORT what is too short to be told from ordinary text. */
export function addSecret(name: string, value: string): void {
  if (vault.values.has(value)) return
  if (value.trim().length < SECRET_CHARS_MIN) {
    refuse(
      'SECRET_SHORT',
      `The secret ${name} is shorter than ${SECRET_CHARS_MIN} characters, so it could not be kept out of the logs`,
      {
        hint: 'Use a longer value; something this short is no secret.',
      },
    )
  }
  vault.values.set(value, name)
  vault.forms = [...vault.forms, ...formsOf(value).map(text => ({ text, name }))]
}

export const secretForms = (): readonly Form[] => vault.forms

export const hideEnv = (name: string): void => void vault.hiddenEnv.add(name)
export const hiddenEnv = (): ReadonlySet<string> => vault.hiddenEnv

/** `text` with `[secret NAME]` in place of every known secret. */
export const redact = (text: string): string => (vault.forms.length === 0 ? text : redactWhole(text, vault.forms))

/** The name of a secret that is in `text`, in any of its forms. */
export const leakIn = (text: string): string | undefined => secretIn(text, vault.forms)

export function redactJson(value: Json): Json {
  if (vault.forms.length === 0 || value === null) return value
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(redactJson)
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [redact(key), field === undefined ? undefined : redactJson(field)]),
  )
}
