/** A file that holds a state machine, checked. */
import type { Diagnostic, Position } from '../../../util/diagnostic.ts'
import { err, ok, type Result } from '../../../util/result.ts'
import type { Machine } from '../machine.ts'
import type { Path } from '../source.ts'
import { diagnosticsOf, type ValidateOptions } from '../validate/validate.ts'
import type { Text } from './json.ts'
import { readSource } from './read.ts'

export interface Definition {
  readonly machine: Machine
  /** Where what stands at `path` begins. */
  at(path: Path): Position
  /** Nothing that keeps it from being run. */
  readonly warnings: readonly Diagnostic[]
}

/** By the file's ending: `.yaml`, `.yml`; `.json5`, `.jsonc`; anything else is JSON. The error lists all that is wrong, in the order of the text. */
export function parseDefinition(file: Text, options?: ValidateOptions): Result<Definition, readonly Diagnostic[]> {
  const source = readSource(file)
  if (!source.ok) return source
  const found = diagnosticsOf(source.value, options)
  if (found.some(each => each.severity === 'error')) return err(found)
  return ok({ machine: source.value.value as Machine, at: source.value.at, warnings: found })
}
