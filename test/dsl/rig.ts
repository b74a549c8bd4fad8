/** A user's file on disk, loaded, traced and run as the command line does it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { chooseWorkflow, loadFile } from '../../src/cli/file.ts'
import type { Graph, Node, Region } from '../../src/core/index.ts'
import { type Diagnostic, Refusal, showPosition } from '../../src/util/diagnostic.ts'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tutti-dsl-'))
  folders.push(made)
  return made
}

/** Files by path; those under node_modules/.bin can be executed. */
export function project(files: Readonly<Record<string, string>>): string {
  const made = folder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(made, name)), { recursive: true })
    writeFileSync(join(made, name), text)
    if (name.startsWith('node_modules/.bin/')) chmodSync(join(made, name), 0o755)
  }
  mkdirSync(join(made, 'node_modules'), { recursive: true })
  for (const name of ['zod', 'valibot']) symlinkSync(join(modules, name), join(made, 'node_modules', name))
  return made
}

export const HEAD = `import { any, attempt, cancel, critical, detach, each, effect, env, file, files, flow, interleaved, lock, loop, match, milestone, net, now, output, pool, race, random, scope, secret, signal, sleep, some, task, tune, until, uuid, when, workflow } from 'tutti'
`

/** The graph of a file's only (or named) workflow, traced and validated. */
export async function graphOf(text: string, workflow?: string): Promise<Graph> {
  const dir = project({ 'tutti.ts': text })
  const file = await loadFile(join(dir, 'tutti.ts'), dir)
  return file.runnable(chooseWorkflow(file, workflow)).graph
}

/** What refuses `work`. */
export async function refusal(work: () => unknown): Promise<Refusal> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}

export const brief = ({ code, at }: Diagnostic): string => (at ? `${code} ${showPosition(at)}` : code)

/** The text without its mark `¦`, and the position of the mark. */
export function marked(text: string): { readonly text: string; readonly place: string } {
  const before = text.slice(0, text.indexOf('¦')).split('\n')
  return { text: text.replace('¦', ''), place: `${before.length}:${(before.at(-1)?.length ?? 0) + 1}` }
}

/** A region as indented lines, `id name kind(arguments) after`: what a test reads of a graph. */
export const nodesOf = ({ nodes }: Region): readonly (readonly [id: string, name: string])[] =>
  nodes.map(({ id, name }) => [id, name] as const)

export function nodeIn({ nodes }: Region, id: string): Node {
  const found = nodes.find(node => node.id === id)
  if (!found) throw new Error(`there is no node ${id}, only ${nodes.map(node => node.id).join(', ')}`)
  return found
}
