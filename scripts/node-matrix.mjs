/**
 * Runs the store's suite under other versions of Node, where `node:sqlite` exists. The npm package `node` brings them; they
 * are installed into a temporary folder and removed again.
 *
 *   node scripts/node-matrix.mjs [22 24 …]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24']
const folder = mkdtempSync(join(tmpdir(), 'tutti-node-'))
const run = (command, args, cwd) => spawnSync(command, args, { cwd, stdio: 'inherit' }).status === 0

try {
  const failed = versions.filter(version => {
    const place = join(folder, version)
    if (!run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', place, `node@${version}`], root))
      return true
    const node = join(place, 'node_modules', 'node', 'bin', 'node')
    return !run(node, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', 'test/store'], root)
  })
  if (failed.length > 0) console.error(`failed under Node ${failed.join(', ')}`)
  process.exitCode = failed.length > 0 ? 1 : 0
} finally {
  rmSync(folder, { recursive: true, force: true })
}
