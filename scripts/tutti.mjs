/**
 * `node scripts/tutti.mjs WORDS`: sets up, and runs Tutti on its own tutti.ts (and on whatever else the words say). From a copy:
 * a step of that file makes `dist` anew, and a program must not change under its own feet.
 */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, run, setup } from './setup.mjs'

const copy = join(root, 'node_modules', '.tutti', 'cli')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setup()
  process.exitCode = tutti(process.argv.slice(2))
}

/** Runs a command line of Tutti in the project's folder; answers its exit code. To be called after `setup`. */
export function tutti(words, env = {}) {
  const made = join(root, 'dist', '.built')
  if (!existsSync(join(copy, '.built')) || statSync(join(copy, '.built')).mtimeMs !== statSync(made).mtimeMs) renew()
  return run(process.execPath, [join(copy, 'cli.js'), ...words], env)
}

/** Whole or not at all, and never while another process looks. */
function renew() {
  const draft = `${copy}-${process.pid}`
  mkdirSync(join(copy, '..'), { recursive: true })
  cpSync(join(root, 'dist'), draft, { recursive: true, preserveTimestamps: true })
  if (existsSync(copy)) renameSync(copy, `${draft}-old`)
  renameSync(draft, copy)
  rmSync(`${draft}-old`, { recursive: true, force: true })
}
