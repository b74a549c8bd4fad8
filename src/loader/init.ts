/** `tutti init`: a folder in which a first workflow runs. Writes only what is not there; never changes what the user wrote. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { err, ok, type Result } from '../util/result.ts'
import type { Diagnostic } from '../util/diagnostic.ts'

export interface Initialised {
  /** Names of the files that were written or completed, relative to the folder. */
  readonly written: readonly string[]
}

const STARTER = `import { task, workflow } from 'tutti'

const greet = task((name: string) => \`Hello, \${name}!\`)
const shout = task((text: string) => text.toUpperCase())

// The body runs once, before anything else: calling a task here adds a step to the graph.
export const hello = workflow(() => {
  const greeting = greet('world')
  return shout(greeting)
})
`

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['**/*.ts', '**/*.mts'],
  exclude: ['node_modules', '.tutti'],
}

/**
 * Prepares `folder`, which is made when it is not there. `version`: of the running Tutti, for the dependency.
 * Refuses with INIT_EXISTS when a starter or a tsconfig is there, and then writes nothing at all.
 */
export function initProject(
  folder: string,
  options: { readonly version: string },
): Result<Initialised, readonly Diagnostic[]> {
  const root = resolve(folder)
  const existing = ['tutti.ts', 'tsconfig.json'].filter(name => existsSync(join(root, name)))
  if (existing.length > 0) {
    return err([
      {
        code: 'INIT_EXISTS',
        severity: 'error',
        message: `${existing.join(' and ')} ${existing.length > 1 ? 'are' : 'is'} already in ${folder}`,
        hint: 'Nothing was written. Choose another folder, or move what is there out of the way.',
      },
    ])
  }
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'tutti.ts'), STARTER, { flag: 'wx' })
  writeFileSync(join(root, 'tsconfig.json'), json(TSCONFIG), { flag: 'wx' })
  return ok({ written: ['tutti.ts', 'tsconfig.json', ...ignoreStore(root), ...addPackage(root, options.version)] })
}

/** The store is not for version control. */
function ignoreStore(root: string): readonly string[] {
  const file = join(root, '.gitignore')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : 'node_modules/\n'
  if (/^\/?\.tutti\/?\s*$/m.test(before)) return []
  writeFileSync(file, `${before}${before === '' || before.endsWith('\n') ? '' : '\n'}.tutti/\n`)
  return ['.gitignore']
}

function addPackage(root: string, version: string): readonly string[] {
  const file = join(root, 'package.json')
  if (existsSync(file)) return []
  const manifest = {
    name: packageName(basename(root)),
    private: true,
    type: 'module',
    dependencies: { tutti: `^${version}` },
    devDependencies: { '@types/node': '^20', typescript: '>=5.8' },
  }
  writeFileSync(file, json(manifest), { flag: 'wx' })
  return ['package.json']
}

/** A folder's name as npm accepts it. */
const packageName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '') || 'workflows'

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
