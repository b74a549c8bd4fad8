/**
 * Builds what the package ships: `dist/cli.js` (bundled, so that the command line starts fast), one library file for each
 * public folder (they share chunks, so they share state), and the declaration files.
 *
 * Plain JavaScript: it runs before anything is built. Everything is written beside `dist` and moved there at the end, so a
 * build that is killed or fails leaves the last good one.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const next = join(root, 'node_modules', `.tutti-build-${process.pid}`)

/** Packages with a native part: they stay outside the bundle. `esm`: `require` of them would print a warning. */
const NATIVE = { libsql: 'cjs', 'oxc-parser': 'esm', 'oxc-transform': 'esm' }

/**
 * In an ESM bundle every static import of a builtin or of a native package moves to the top of its file, and is paid for
 * whether it is used or not. As CommonJS modules they load when the module that imports them is first needed.
 */
const lazyImports = {
  name: 'lazy-imports',
  setup({ onResolve, onLoad }) {
    const builtins = new Set(builtinModules)
    onResolve({ filter: /^(node:|[a-z])/ }, ({ path, kind, importer }) => {
      const native = NATIVE[path]
      if (kind === 'dynamic-import' && (native || path.startsWith('node:'))) return { path, external: true }
      if (native === 'esm') return { errors: [{ text: `${relative(root, importer)}: load ${path} by import()` }] }
      if (native) return { path, namespace: 'lazy-package' }
      if (path.startsWith('node:') || builtins.has(path)) return { path, namespace: 'lazy-builtin' }
      return undefined
    })
    onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
    onLoad({ filter: /.*/, namespace: 'lazy-package' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:module').createRequire(TUTTI_HERE)(${JSON.stringify(path)})`,
    }))
  },
}

/** What the first file imports by `import()` is in files of its own. */
const laterFiles = {
  name: 'later-files',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/\w+\.ts$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path: path.replace(/^\.\/(\w+)\.ts$/, './cli-$1.js'), external: true } : undefined,
    )
  },
}

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  define: { TUTTI_VERSION: JSON.stringify(version) },
  legalComments: 'eof',
  // Neither minified nor mapped: a defect's stack then names our functions, and a line of it fits a terminal.
  logLevel: 'warning',
}

try {
  mkdirSync(next, { recursive: true })
  const built = await Promise.all([buildCli(), buildLibrary()])
  declarations()
  writeFileSync(join(next, '.built'), '')
  replaceFolder(join(root, 'dist'), next)
  console.error(`tutti: built dist (${built.flat().join(', ')})`)
} catch (error) {
  rmSync(next, { recursive: true, force: true })
  if (!error?.errors) throw error
  process.exitCode = 1 // esbuild has printed what is wrong
}

/** Moves the old folder aside first: there is hardly a moment without one. */
function replaceFolder(folder, replacement) {
  const old = `${replacement}-old`
  if (existsSync(folder)) renameSync(folder, old)
  renameSync(replacement, folder)
  rmSync(old, { recursive: true, force: true })
}

/**
 * Parsing costs about 25 ms a megabyte, so what `src/cli/main.ts` imports by `import()` becomes a file of its own and is
 * read when it is needed. All files lie flat in `dist`, so that a path from `import.meta.url` means the same in each.
 */
async function buildCli() {
  if (!existsSync(join(root, 'src/cli/main.ts'))) return []
  const cli = {
    ...common,
    outdir: next,
    banner: { js: 'const TUTTI_HERE = import.meta.url' },
  }
  const later = {
    'cli-program': 'src/cli/program.ts',
    'cli-worker': 'src/cli/worker.ts',
    'cli-racy': 'src/cli/racy.ts',
  }
  await Promise.all([
    // One file: a null run reads nothing else of us.
    build({ ...cli, entryPoints: { cli: 'src/cli/main.ts' }, plugins: [laterFiles, lazyImports] }),
    build({ ...cli, entryPoints: later, splitting: true, chunkNames: 'cli-[name]-[hash]', plugins: [lazyImports] }),
  ])
  const file = join(next, 'cli.js')
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, 'utf8')}`)
  chmodSync(file, 0o755)
  return ['cli']
}

async function buildLibrary() {
  const folders = readdirSync(join(root, 'src')).filter(name => existsSync(join(root, 'src', name, 'index.ts')))
  const entryPoints = Object.fromEntries(folders.map(name => [name, `src/${name}/index.ts`]))
  // A language of our own is a folder in the folder of languages.
  for (const name of readdirSync(join(root, 'src/lang')))
    if (existsSync(join(root, 'src/lang', name, 'index.ts'))) entryPoints[`lang-${name}`] = `src/lang/${name}/index.ts`
  if (existsSync(join(root, 'src/index.ts'))) entryPoints.index = 'src/index.ts'
  if (Object.keys(entryPoints).length === 0) return []
  await build({
    ...common,
    entryPoints,
    outdir: next,
    splitting: true,
    chunkNames: 'lib-[name]-[hash]',
    external: Object.keys(dependencies).flatMap(name => [name, `${name}/*`]),
  })
  return Object.keys(entryPoints).sort()
}

/** Emits only: whether the types are right is the question of `npm run typecheck`. */
function declarations() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const types = join(next, 'types')
  const args = [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--outDir', relative(root, types)]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`tsc could not write the declaration files (exit code ${status})`)
  for (const name of readdirSync(types, { recursive: true })) {
    const path = join(types, name)
    if (path.endsWith('.d.ts')) writeFileSync(path, namedAsJavaScript(readFileSync(path, 'utf8')))
  }
}

/** tsc leaves `./a.ts` in declarations, which only some settings of a user's compiler accept; all accept `./a.js`. */
function namedAsJavaScript(declaration) {
  return declaration.replace(/((?:from|import|import\() ?['"]\.[^'"]*)\.ts(?=['"])/g, '$1.js')
}
