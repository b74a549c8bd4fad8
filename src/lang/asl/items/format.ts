/** The items of one text: a JSON list, JSON Lines, or CSV. */
import { parse as parseCsv } from 'csv-parse/sync'
import type { Json } from '../../../util/json.ts'
import type { ItemReader } from '../machine.ts'
import { StateError } from '../state-error.ts'

export type ReaderConfig = NonNullable<ItemReader['ReaderConfig']>

export const readerFailed = (cause: string): StateError => new StateError('States.ItemReaderFailed', cause)

/** The list that a text is, or that `ItemsPointer` finds in it. */
export function jsonItems(text: string, config: ReaderConfig): readonly Json[] {
  const whole = parsed(text)
  const value = config.ItemsPointer === undefined ? whole : pointed(whole, config.ItemsPointer)
  if (Array.isArray(value)) return value as readonly Json[]
  throw readerFailed('Attempting to map over non-iterable node.')
}

export const jsonLines = (text: string): readonly Json[] =>
  text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .map(parsed)

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw readerFailed(`Unable to parse the item as JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A JSON Pointer (RFC 6901). */
function pointed(value: Json, pointer: string): Json {
  let at: unknown = value
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = typeof at === 'object' && at !== null ? (at as { readonly [name: string]: unknown })[name] : undefined
  }
  if (at === undefined) throw readerFailed(`Unable to find the items at the pointer ${pointer}.`)
  return at as Json // a part of a parsed text
}

const DELIMITERS: { readonly [name: string]: string } = {
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  SPACE: ' ',
  TAB: '\t',
}

/** A record for each line. What is beyond the headers is dropped, what is missing is an empty text. */
export function csvItems(text: string, config: ReaderConfig): readonly Json[] {
  const lines = csvLines(text, DELIMITERS[config.CSVDelimiter ?? 'COMMA'] ?? ',')
  const given = config.CSVHeaderLocation === 'GIVEN' ? config.CSVHeaders : undefined
  const headers = given ?? lines[0] ?? []
  if (new Set(headers).size < headers.length) throw readerFailed('CSV headers cannot contain duplicates.')
  return lines
    .slice(given === undefined ? 1 : 0)
    .map(fields => Object.fromEntries(headers.map((header, index) => [header, fields[index] ?? ''])))
}

export function csvLines(text: string, delimiter = ','): readonly (readonly string[])[] {
  try {
    return parseCsv(text, {
      bom: true,
      delimiter,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    })
  } catch (error) {
    throw readerFailed(`Unable to parse the CSV: ${error instanceof Error ? error.message : String(error)}`)
  }
}
