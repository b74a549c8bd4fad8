/** Loads a project with the whole language and asks each definition for its code. */
import { join } from 'node:path'
import { collectDefinitions } from '../../src/dsl/definition.ts'
import type { Code } from '../../src/dsl/code.ts'
import * as tutti from '../../src/index.ts'
import { buildBundle, openBundle, type Bundle } from '../../src/loader/index.ts'
import { Refusal } from '../../src/util/diagnostic.ts'
import { type Files, project } from './rig.ts'

export type Codes = ReadonlyMap<string, Code>

const HEAD = `import { task, effect, workflow, flow, signal, tune, sh } from 'tutti'\n`

/** Text files get no head when they have one, or are not the entry. */
export const withHead = (files: Files | string): Files => {
  const all = typeof files === 'string' ? { 'tutti.ts': files } : files
  return Object.fromEntries(
    Object.entries(all).map(([name, text]) => [
      name,
      /(?:^|\/)tutti\.\w+$/.test(name) && typeof text === 'string' && !text.includes("from 'tutti'")
        ? HEAD + text
        : text,
    ]),
  )
}

export async function codes(files: Files | string, entry = 'tutti.ts'): Promise<Codes> {
  const dir = project(withHead(files))
  return codesIn(await build(join(dir, entry)), join(dir, entry, '..'))
}

export async function build(file: string): Promise<Bundle> {
  const built = await buildBundle(file)
  if (!built.ok) throw new Refusal(built.error)
  return built.value.bundle
}

export async function codesIn(bundle: Bundle, dir: string): Promise<Codes> {
  const { definitions } = await collectDefinitions(() => openBundle(bundle, { dir, provide: { tutti } }))
  return new Map(
    [...definitions].flatMap(([name, definition]) =>
      'code' in definition && definition.code ? [[name, definition.code()] as const] : [],
    ),
  )
}

/** What tells two codes apart. */
export const keyOf = (code: Code | undefined): string =>
  code === undefined ? 'unknown' : code.kind === 'closed' ? code.hash : `open ${code.variable}`
