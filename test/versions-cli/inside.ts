/** A project whose commands run in this process, from the sources: for the many cases that need no process of their own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { reportError } from '../../src/cli/io.ts'
import { plainScreen } from '../../src/cli/render/screen.ts'
import { folderWith, jsonLines } from '../cli/rig.ts'

/** A command with its words and flags. */
export type Command = (io: Io) => Promise<number>

export interface Inside {
  readonly folder: string
  write(text: string, file?: string): void
  run(command: Command): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
  ok(command: Command): Promise<string>
  /** The objects of its output. */
  json(command: Command): Promise<readonly Readonly<Record<string, unknown>>[]>
  refusal(command: Command): Promise<{ readonly code: string; readonly exit: number; readonly err: string }>
}

export function inside(files: Readonly<Record<string, string>>): Inside {
  const folder = folderWith(files)
  const run: Inside['run'] = async command => {
    const texts = { out: '', err: '' }
    const io: Io = {
      env: {},
      cwd: folder,
      words: [],
      version: '0.0.0',
      reading: {},
      out: text => void (texts.out += text),
      err: text => void (texts.err += text),
      outScreen: plainScreen(),
      errScreen: plainScreen(),
      errIsTerminal: false,
    }
    const here = process.cwd()
    try {
      return { code: await command(io), ...texts }
    } catch (error) {
      return { code: reportError(io, error, { verbose: false, json: false }), ...texts }
    } finally {
      process.chdir(here)
    }
  }
  const ok: Inside['ok'] = async command => {
    const { code, out, err } = await run(command)
    expect(code, err).toBe(0)
    return out
  }
  return {
    folder,
    write: (text, file = 'tutti.ts') => writeFileSync(join(folder, file), text),
    run,
    ok,
    json: async command => jsonLines(await ok(command)),
    refusal: async command => {
      const { code: exit, err } = await run(command)
      return { code: /^error (\w+)/m.exec(err)?.[1] ?? `none: ${err}`, exit, err }
    },
  }
}
