/** Bindings that are data: one object in JSON or YAML. Loaded by who has some. */
import { parseDocument } from 'yaml'
import { refuse } from '../util/diagnostic.ts'
import type { Bindings } from './language.ts'

export function readData(path: string, text: string): Bindings {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 }
    return refuse('BINDINGS_UNREADABLE', `${path} cannot be read: ${firstLine(error.message)}`, {
      at: { file: path, line, column: col },
      hint: 'Correct the JSON or YAML here.',
    })
  }
  const value: unknown = document.toJS()
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Bindings
  return refuse('BINDINGS_UNREADABLE', `${path} holds no names`, {
    at: { file: path, line: 1, column: 1 },
    hint: 'It holds one object: what each name is bound to.',
  })
}

/** The library's message ends with the place and an excerpt, which our diagnostics have themselves. */
const firstLine = (message: string): string => message.replace(/(?: at line \d+, column \d+:)?\n.*$/s, '')
