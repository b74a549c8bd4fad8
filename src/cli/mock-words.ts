/** What the command line says of mocks and values: `--mock name=json`, `--mock-file`. */
import type { Mock, Mocks } from '../sim/index.ts'
import { type Io, usage } from './io.ts'

export interface MockFlags {
  readonly mock?: readonly string[]
  readonly mockFile?: string
}

/** Those of the command line go over those of the file. */
export async function mocksOf(io: Io, { mock = [], mockFile }: MockFlags): Promise<Mocks> {
  const given = mockFile === undefined ? {} : await (await import('./mock-file.ts')).loadMocks(mockFile, io.cwd)
  const entries = Symbol.iterator in given ? [...given] : Object.entries(given)
  // A file of mocks is for the language of the workflow's file: see Reading.
  return [...entries, ...mock.filter(word => word !== io.reading.mocks?.file).map(readMock)]
}

export function readMock(word: string): readonly [string, Mock] {
  const [name, text] = splitWord(word, '--mock takes name=JSON', `--mock 'publish={"url":"…"}'`)
  return [name, text === undefined ? undefined : (jsonOrText(text) as Mock)] // JSON is a value
}

export function splitWord(word: string, message: string, example: string): readonly [string, string | undefined] {
  const at = word.indexOf('=')
  if (at === 0 || word === '') return badWord(message, word, example)
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

export const badWord = (message: string, word: string, example: string): never => {
  throw usage(`${message}, not ${JSON.stringify(word)}`, `For example ${example}`)
}

export const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
export const jsonOrText = (text: string): unknown => (isJson(text) ? JSON.parse(text) : text)
