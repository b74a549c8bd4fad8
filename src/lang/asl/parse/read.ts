/** The text of a definition as a value with places, by the file's ending. */
import type { Diagnostic } from '../../../util/diagnostic.ts'
import type { Result } from '../../../util/result.ts'
import type { Source } from '../source.ts'
import { readJson, readJson5, type Text } from './json.ts'
import { readYaml } from './yaml.ts'

export function readSource(file: Text): Result<Source, readonly Diagnostic[]> {
  // A byte order mark is no part of the text; nobody counts it as a column.
  const text = { path: file.path, text: file.text.replace(/^\uFEFF/, '') }
  if (/\.ya?ml$/i.test(file.path)) return readYamlOrJson(text)
  return /\.json[5c]$/i.test(file.path) ? readJson5(text) : readJson(text)
}

/** JSON is YAML, and is read many times faster as what it is. */
function readYamlOrJson(text: Text): Result<Source, readonly Diagnostic[]> {
  const json = /^\s*\{/.test(text.text) ? readJson(text) : undefined
  return json?.ok ? json : readYaml(text)
}
