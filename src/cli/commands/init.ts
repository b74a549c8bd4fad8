/** `tutti init`: a folder in which a first workflow runs. */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { initProject } from '../../loader/index.ts'
import { Refusal } from '../../util/diagnostic.ts'
import { EXIT } from '../exit.ts'
import { type Io, usage } from '../io.ts'

export async function initCommand(io: Io, folder: string | undefined): Promise<number> {
  const target = resolve(io.cwd, folder ?? '.')
  if (existsSync(target) && !statSync(target).isDirectory())
    throw usage(`${folder ?? target} is a file`, 'Name a folder: tutti init FOLDER')
  mkdirSync(target, { recursive: true })
  const made = initProject(target, { version: io.version })
  if (!made.ok) throw new Refusal(made.error)
  for (const file of made.value.written) io.err(`wrote ${join(folder ?? '.', file)}\n`)
  io.err(`try it: ${folder ? `cd ${folder} && ` : ''}npx tutti run\n`)
  return EXIT.succeeded
}
