/** What may stand in `${…}` of an `sh` template, as words. */
import { join, relative } from 'node:path'
import { type AnyHandle, type Files, HANDLE, isHandle } from '../../dsl/resources.ts'
import { isDefinition, isRef } from '../../dsl/handle.ts'
import { currentAttempt } from '../current.ts'
import { unreachable } from '../../util/unreachable.ts'
import type { Piece, Value } from './words.ts'

export type Valued =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'bad'; readonly what: string; readonly hint: string }

const good = (...pieces: readonly Piece[]): Valued => ({ kind: 'value', value: pieces })
const plain = (text: string): Piece => ({ text, shown: text })
const bad = (what: string, hint: string): Valued => ({ kind: 'bad', what, hint })

/** A value as words, or why it is none. */
export function wordsOf(value: unknown): Valued {
  switch (typeof value) {
    case 'string':
      return value.includes('\0')
        ? bad('a text with a NUL character', 'No command can be given one; write it to a file or to .input(…).')
        : good(plain(value))
    case 'number':
      return Number.isNaN(value)
        ? bad('NaN', 'Check the number before it goes into a command.')
        : good(plain(String(value)))
    case 'bigint':
    case 'boolean':
      return good(plain(String(value)))
    case 'undefined':
      return bad('undefined', 'Give a default, or [] for no word at all.')
    case 'function':
    case 'symbol':
      return isRef(value) || isDefinition(value)
        ? refOrDefinition(value)
        : bad(`a ${typeof value}`, 'Call it, or interpolate a text.')
    case 'object':
      return value === null ? bad('null', 'Give a default, or [] for no word at all.') : objectWords(value)
  }
}

function objectWords(value: object): Valued {
  if (isRef(value) || isDefinition(value)) return refOrDefinition(value)
  if (isHandle(value)) return good(...handleWords(value))
  if (Array.isArray(value)) return listWords(value)
  if (value instanceof URL) return good(plain(value.href))
  if (value instanceof Promise) return bad('a promise', 'Await it first.')
  return bad(
    `an object (${Object.keys(value).slice(0, 3).join(', ') || value.constructor?.name || 'no fields'})`,
    'Interpolate one of its fields, or JSON.stringify it.',
  )
}

function listWords(list: readonly unknown[]): Valued {
  const pieces: Piece[] = []
  for (const [index, item] of list.entries()) {
    const words = Array.isArray(item) ? bad('a list in a list', 'Use .flat().') : wordsOf(item)
    if (words.kind === 'bad') return { ...words, what: `${words.what} at index ${index} of a list` }
    pieces.push(...words.value)
  }
  return good(...pieces)
}

function handleWords(handle: AnyHandle): readonly Piece[] {
  switch (handle[HANDLE]) {
    case 'files':
      return pathsHere(handle).map(plain)
    case 'file':
    case 'dir':
    case 'output':
      return [plain(handle.path)]
    case 'port':
      return [plain(String(handle.number))]
    case 'secret':
      return [{ text: handle.reveal(), shown: `[secret ${handle.name}]` }]
    default:
      return unreachable(handle)
  }
}

/** Files of another project are named from where the command runs. */
function pathsHere(files: Files): readonly string[] {
  const here = currentAttempt()?.attempt.cwd
  const from = 'cwd' in files && typeof files.cwd === 'string' ? files.cwd : here
  return here === undefined || from === undefined || from === here
    ? files.paths
    : files.paths.map(path => relative(here, join(from, path)))
}

const refOrDefinition = (value: unknown): Valued =>
  isRef(value)
    ? bad('a ref, which has no value while the workflow is traced', 'Pass the ref to a task and run the command there.')
    : bad('a task or workflow', 'Call it in a workflow and pass its result.')
