/**
 * Messages over two byte streams (stdio, a socket): each is one line of JSON after a record separator (RFC 7464), so that
 * whatever else a worker's program writes to the same stream is told apart and not lost.
 */
import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Channel } from './protocol.ts'

const SEPARATOR = '\u001e'

export function streamChannel<Out, In>(input: Readable, output: Writable): Channel<Out, In> {
  // Bound before anyone may replace it.
  const write = output.write.bind(output) as (text: string) => boolean
  output.on('error', () => {}) // a closed pipe: `closed` of the input side tells
  return {
    send: message => void write(`${SEPARATOR}${JSON.stringify(message)}\n`),
    listen: ({ message, raw, closed }) => {
      const parser = frameParser(text => message(JSON.parse(text) as In), raw ?? (() => {}))
      const decoder = new StringDecoder('utf8')
      input.on('data', (bytes: Buffer) => parser(decoder.write(bytes)))
      input.once('close', closed)
      input.once('end', closed)
      input.on('error', closed)
    },
    close: () => {
      output.end()
      input.destroy()
    },
  }
}

/** Splits text into frames and the raw text between them. */
export function frameParser(onFrame: (json: string) => void, onRaw: (text: string) => void): (text: string) => void {
  let frame: string | undefined
  return text => {
    let rest = text
    while (rest !== '') {
      const end = rest.indexOf(frame === undefined ? SEPARATOR : '\n')
      const piece = end < 0 ? rest : rest.slice(0, end)
      rest = end < 0 ? '' : rest.slice(end + 1)
      if (frame === undefined) {
        if (piece !== '') onRaw(piece)
        if (end >= 0) frame = ''
      } else {
        frame += piece
        if (end < 0) continue
        onFrame(frame)
        frame = undefined
      }
    }
  }
}
