/**
 * The null run: when all that the last run of a command hung on is as it was, its result is the result. It reads one manifest
 * and stats files; neither the user's file nor the store is opened, and hardly anything of Tutti is loaded.
 */
import { statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { checkManifest, type Manifest, manifestName, readManifest } from '../freshness/manifest.ts'

export interface NullCommand {
  readonly words: readonly string[]
  readonly cwd: string
  /** Where its manifest lies. */
  readonly file: string
  readonly storeFolder: string
  readonly quiet: boolean
}

/** Options that leave a null run what it is; those with a value take the next word. Any other makes it a run like all. */
const ALLOWED: { readonly [option: string]: 'alone' | 'with value' } = {
  '--quiet': 'alone',
  '--no-wait': 'alone',
  '-p': 'with value',
  '--param': 'with value',
  '--only': 'with value',
  '--lang': 'with value',
  '--bind': 'with value',
  '--store': 'with value',
  '--durability': 'with value',
  '--concurrency': 'with value',
  '--schedule': 'with value',
}

/** What may be a null run; undefined: it is something else, or must run. */
export function nullCommand(
  words: readonly string[],
  cwd: string,
  env: { readonly [name: string]: string | undefined },
): NullCommand | undefined {
  if (words[0] !== 'run') return undefined
  const named: string[] = []
  const values = new Map<string, string>()
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index] as string
    if (!word.startsWith('-')) {
      named.push(word)
      continue
    }
    const [option = '', value] = splitOption(word)
    const rule = Object.hasOwn(ALLOWED, option) ? ALLOWED[option] : undefined
    if (rule === undefined || (rule === 'alone') !== (value === undefined && rule !== 'with value')) return undefined
    if (rule === 'with value') values.set(option, value ?? words[(index += 1)] ?? '')
  }
  const store = values.get('--store') ?? env['TUTTI_STORE']
  const storeFolder = store ? resolve(cwd, store) : join(folderOf(named[0], cwd), '.tutti')
  const file = join(storeFolder, 'fresh', manifestName(words, cwd))
  return { words, cwd, file, storeFolder, quiet: words.includes('--quiet') }
}

const splitOption = (word: string): readonly [option: string, value?: string] => {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

/** The folder of the file that the first word names, as commands/words.ts finds it. */
function folderOf(first: string | undefined, cwd: string): string {
  if (first === undefined) return cwd
  const path = resolve(cwd, first)
  if (extname(first) !== '') return dirname(path)
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats?.isDirectory() ? path : stats ? dirname(path) : cwd
}

/** Another Node may do things in another way, as another Tutti may. */
export const manifestVersion = (version: string): string => `${version} node ${process.version}`

/** True when nothing had to be done, and what the last run printed has been printed again. */
export async function nullRun(version: string): Promise<boolean> {
  const command = nullCommand(process.argv.slice(2), process.cwd(), process.env)
  const manifest = command && readManifest(command.file)
  if (!command || !manifest) return false
  const { words, cwd } = command
  const check = checkManifest(manifest, {
    version: manifestVersion(version),
    words,
    cwd,
    env: process.env,
    nowMs: Date.now(),
  })
  if (check.kind === 'changed') return false
  if (check.kind === 'racy') {
    const { settle } = await import('./racy.ts')
    if (!settle(command.file, manifest)) return false
  }
  tell(manifest, command)
  return true
}

function tell({ output, run, steps }: Manifest, { quiet }: NullCommand): void {
  if (!quiet) process.stderr.write(`up to date: ${steps} ${steps === 1 ? 'step' : 'steps'}, as ${run} left them\n`)
  if (output !== '') process.stdout.write(output)
}
