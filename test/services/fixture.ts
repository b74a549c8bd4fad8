/** Runs workflows with services in a store of their own, and looks at what is left of them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AnyWorkflow, RunOptions } from '../../src/run/embed.ts'
import { run } from '../../src/run/embed.ts'

export const folder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'tutti-services-')))

/** A program in the folder, for `node`. */
export function program(dir: string, name: string, text: string): string {
  mkdirSync(dir, { recursive: true })
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

/** An HTTP server that answers each path with its name. */
export const SERVER = `
import { createServer } from 'node:http'
const server = createServer((request, response) => response.end(process.env.ANSWER ?? 'hello'))
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1', () => console.log('listening'))
`

export const runIn = <W extends AnyWorkflow>(
  cwd: string,
  workflow: W,
  options: RunOptions<Readonly<Record<string, unknown>>> = {},
) => run(workflow, { cwd, store: join(cwd, '.tutti'), ...options })

/** Live processes with the word in their command line; zombies are none. */
export const processesWith = (word: string): readonly number[] =>
  readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return []
    try {
      const isZombie = /\) [ZX] /.test(readFileSync(`/proc/${name}/stat`, 'latin1'))
      return !isZombie && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word) ? [Number(name)] : []
    } catch {
      return []
    }
  })

/** Until `holds`: what another process does comes when it comes. */
export async function eventually(holds: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const untilMs = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > untilMs) throw new Error(`did not come within ${withinMs} ms: ${String(holds)}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** What is left in the roster folder of the store in `cwd`. */
export function rosters(cwd: string): readonly string[] {
  try {
    return readdirSync(join(cwd, '.tutti', 'services'))
  } catch {
    return []
  }
}
