/** Where in the user's file the code that called us stands, from the stack; without the loader this is all we know. */
import { fileURLToPath } from 'node:url'
import type { Position } from '../../util/diagnostic.ts'

const FRAME = /^at (?:.*? \()?((?:file:\/\/)?\/.*?):(\d+):(\d+)\)?$/
const STACK_FRAMES = 30

/** Folders whose frames are ours: this module's package in development, or its bundle. */
const OWN =
  frames(new Error().stack)
    .at(0)
    ?.file.replace(/\/(sh\/)?[^/]*$/, '/') ?? ''

export function callerPosition(): Position | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = STACK_FRAMES
  const stack = new Error().stack
  Error.stackTraceLimit = limit
  return frames(stack).find(frame => !frame.file.startsWith(OWN) && !frame.file.includes('/node_modules/'))
}

function frames(stack: string | undefined): readonly Position[] {
  return (stack ?? '')
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const match = FRAME.exec(line.trim())
      if (match === null) return []
      const [, file = '', row = '', column = ''] = match
      return [
        { file: file.startsWith('file:') ? fileURLToPath(file) : file, line: Number(row), column: Number(column) },
      ]
    })
}
