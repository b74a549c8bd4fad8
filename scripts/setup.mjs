/**
 * From a fresh clone to a working Tutti: checks the machine, installs, builds; does nothing where nothing is to do.
 * Runs before anything is installed, so it uses nothing but Node, and nothing newer than what it checks for.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const NODE_LEAST = [20, 19]
/** What `dist` is made from. */
const BUILD_INPUTS = ['src', 'scripts/build.mjs', 'package.json', 'tsconfig.base.json', 'tsconfig.build.json']

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()

export function setup() {
  checkMachine()
  if (!isInstalled())
    runStep('installing packages', 'npm', ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'])
  if (!isBuilt()) runStep('building', process.execPath, [join(root, 'scripts/build.mjs')])
}

/** Runs a command of the project in its folder with our stdout and stderr; answers its exit code. */
export function run(command, args, env = {}) {
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }
  const { status, signal, error } = spawnSync(command, args, options)
  if (error) console.error(`tutti: cannot run ${command}: ${error.message}`)
  return signal ? 1 : (status ?? 1)
}

function checkMachine() {
  console.error('tutti: works on Linux and macOS; on Windows inside WSL (https://learn.microsoft.com/windows/wsl)')
  if (process.platform === 'win32') {
    stop(
      'this is Windows itself. Open a WSL terminal (`wsl --install` sets it up), clone there, and run the same command.',
    )
  }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor, leastMinor] = NODE_LEAST
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  stop(
    `needs Node.js ${NODE_LEAST.join('.')} or newer, and this is ${process.version}. Install a newer one from https://nodejs.org`,
  )
}

/**
 * Whether node_modules holds what the lock file says. npm notes what it installed in a lock file of its own; times are no
 * help here, because a checkout sets them anew.
 */
function isInstalled() {
  const installed = readLock('node_modules/.package-lock.json')
  const wanted = readLock('package-lock.json')
  if (!installed || !wanted) return false
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  )
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages
  } catch {
    return undefined // missing or half written: both mean "install"
  }
}

function isBuilt() {
  const stamp = join(root, 'dist/.built')
  if (!existsSync(stamp)) return false
  const builtAtMs = statSync(stamp).mtimeMs
  return BUILD_INPUTS.every(path => newestMs(join(root, path)) < builtAtMs)
}

/** When the file, or anything in the folder, was last changed; the folder itself counts too (a file may have gone). */
function newestMs(path) {
  const stats = statSync(path)
  const below = stats.isDirectory() ? readdirSync(path).map(name => newestMs(join(path, name))) : []
  return Math.max(stats.mtimeMs, ...below)
}

function runStep(what, command, args) {
  console.error(`tutti: ${what} …`)
  const startedMs = Date.now()
  const code = run(command, args)
  if (code !== 0) stop(`${what} failed (exit code ${code}); the reason stands above.`)
  console.error(`tutti: ${what}: ${((Date.now() - startedMs) / 1000).toFixed(1)} s`)
}

function stop(reason) {
  console.error(`tutti: ${reason}`)
  process.exit(1)
}
