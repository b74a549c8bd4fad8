/** A queue in a folder: one file a message. Its length is known to nobody in advance, since work may bring more work. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Message {
  readonly id: string
  readonly url: string
  /** Pages that this one links to: each becomes a message when this one has been sent. */
  readonly links: readonly string[]
}

/** Fills `folder` with a first message, unless it has been filled before. */
export async function fill(folder: string, depth: number): Promise<number> {
  await mkdir(join(folder, 'done'), { recursive: true })
  const present = await pending(folder)
  const done = await readdir(join(folder, 'done'))
  if (present.length === 0 && done.length === 0) await put(folder, page('root', depth))
  return (await pending(folder)).length
}

/** The next message, in the order of ids; undefined when the queue is empty. */
export async function peek(folder: string): Promise<Message | undefined> {
  const [first] = await pending(folder)
  return first === undefined ? undefined : (JSON.parse(await readFile(join(folder, first), 'utf8')) as Message)
}

/**
 * Sends a message on and takes it out of the queue. It may be called twice with one message (the process died between the
 * act and its record): links are put again under the same names, and what has been moved stays moved.
 */
export async function deliver(folder: string, message: Message): Promise<{ readonly left: number }> {
  const depth = message.links.length
  for (const link of message.links) await put(folder, page(`${message.id}-${link}`, depth - 1))
  await rename(join(folder, `${message.id}.json`), join(folder, 'done', `${message.id}.json`)).catch(ignoreMissing)
  return { left: (await pending(folder)).length }
}

const page = (id: string, depth: number): Message => ({
  id,
  url: `https://example.org/${id}`,
  links: Array.from({ length: depth }, (_, index) => String(index)),
})

async function put(folder: string, message: Message): Promise<void> {
  const file = join(folder, `${message.id}.json`)
  await writeFile(`${file}.part`, JSON.stringify(message))
  await rename(`${file}.part`, file)
}

async function pending(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(name => name.endsWith('.json')).sort()
}

function ignoreMissing(problem: NodeJS.ErrnoException): void {
  if (problem.code !== 'ENOENT') throw problem
}
