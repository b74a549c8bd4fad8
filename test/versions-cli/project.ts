/** A project whose file is published again and again, from the command line. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Ended, folderWith, jsonLines, tutti } from '../cli/rig.ts'

export interface Project {
  readonly folder: string
  /** Runs a command line, whatever comes of it. */
  run(...words: readonly string[]): Promise<Ended>
  /** Of one that succeeds: what it said on stdout. */
  ok(...words: readonly string[]): Promise<string>
  /** The same with `--json`. */
  json(...words: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** The code of its one error. */
  refusal(
    ...words: readonly string[]
  ): Promise<{ readonly code: string; readonly exit: Ended['code']; readonly err: string }>
  write(text: string, file?: string): void
}

export function projectWith(text: string, files: Readonly<Record<string, string>> = {}): Project {
  const folder = folderWith({ 'tutti.ts': text, ...files })
  const run = (...words: readonly string[]) => tutti(words, { cwd: folder })
  const ok = async (...words: readonly string[]) => {
    const { code, out, err } = await run(...words)
    expect(code, `tutti ${words.join(' ')}: ${err}`).toBe(0)
    return out
  }
  return {
    folder,
    run,
    ok,
    json: async (...words) => jsonLines(await ok(...words, '--json')),
    refusal: async (...words) => {
      const { code: exit, err } = await run(...words)
      return { code: /^error (\w+)/m.exec(err)?.[1] ?? `none: ${err}`, exit, err }
    },
    write: (newText, file = 'tutti.ts') => writeFileSync(join(folder, file), newText),
  }
}

/** A workflow `w` of one task that gives its number and the variant of its code. */
export const simple = (variant: number): string => `import { task, workflow } from 'tutti'
const a = task((x: number): number => x + ${variant})
export const w = workflow(() => ({ value: a(1) }))
`
