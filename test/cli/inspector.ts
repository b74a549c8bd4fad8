/**
 * A debugger, as far as tests need one: the inspector's protocol over its WebSocket (RFC 6455). Written out, since Node 20 has
 * no WebSocket of its own; from a server on this machine frames come whole, unmasked and without extensions.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** What the tests look at. */
export interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Params
  readonly result?: Params
}

// biome-ignore lint/suspicious/noExplicitAny: the protocol's messages, picked apart where they are used.
type Params = Readonly<Record<string, any>>

export interface Inspector {
  send(method: string, params?: object): Promise<Params>
  /** The next event of this kind, those that have come already included. */
  event(method: string): Promise<Params>
}

export async function attach(url: string): Promise<Inspector> {
  const { port, hostname, host, pathname } = new URL(url)
  const socket = connect(Number(port), hostname)
  // The attempt's process ends as soon as it has told its outcome.
  socket.on('error', () => undefined)
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  )
  const answers = new Map<number, (result: Params) => void>()
  const events: Message[] = []
  let look: () => void = () => undefined
  await listen(socket, message => {
    if (message.id === undefined) {
      events.push(message)
      look()
    } else answers.get(message.id)?.(message.result ?? {})
  })
  return {
    send: (method, params = {}) =>
      new Promise(resolve => {
        const id = answers.size + 1
        answers.set(id, resolve)
        socket.write(frame(JSON.stringify({ id, method, params })))
      }),
    event: method =>
      new Promise(resolve => {
        look = () => {
          const index = events.findIndex(each => each.method === method)
          const [found] = index < 0 ? [] : events.splice(index, 1)
          if (!found) return
          look = () => undefined
          resolve(found.params ?? {})
        }
        look()
      }),
  }
}

/** Resolves when the server has answered the handshake. */
function listen(socket: Socket, onMessage: (message: Message) => void): Promise<void> {
  let rest = Buffer.alloc(0)
  return new Promise(resolve => {
    let open = false
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes])
      if (!open) {
        const end = rest.indexOf('\r\n\r\n')
        if (end < 0) return
        open = true
        rest = rest.subarray(end + 4)
        resolve()
      }
      for (let text = take(); text !== undefined; text = take()) onMessage(JSON.parse(text) as Message)
    })
    const take = (): string | undefined => {
      const short = rest.length < 2 ? 0 : (rest[1] ?? 0) & 0x7f
      const start = short === 126 ? 4 : short === 127 ? 10 : 2
      if (rest.length < start) return undefined
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short
      if (rest.length < start + length) return undefined
      const text = rest.toString('utf8', start, start + length)
      rest = rest.subarray(start + length)
      return text
    }
  })
}

/** One text frame, masked with zeros: what a client sends is masked. */
function frame(text: string): Buffer {
  const body = Buffer.from(text)
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), body])
}
