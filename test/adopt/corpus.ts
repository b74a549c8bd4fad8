/**
 * Real projects, from the source packages of Debian: what `tutti adopt` makes of their builds. For each one the original is
 * built twice (what differs then differs by itself), adopted, cleaned, built by `tutti run` and compared byte by byte; then
 * one header is edited, and what is run again is held against what make runs again.
 *
 * Needs apt, strace, gcc and make, and the sources of the machine's own mirror; whoever has none is told so.
 */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

export interface Project {
  readonly name: string
  /** Of Debian's. */
  readonly source: string
  /** Without Debian's own changes. */
  readonly plain?: boolean
  /** Folder inside of it. */
  readonly folder?: string
  readonly prepare?: string
  readonly clean: string
  readonly build: readonly string[]
  /** A header, to which a comment is added. */
  readonly header: string
}

export const PROJECTS: readonly Project[] = [
  {
    name: 'bzip2',
    source: 'bzip2',
    clean: 'make clean',
    build: ['make', 'CFLAGS=-O0', 'libbz2.a', 'bzip2', 'bzip2recover'],
    header: 'bzlib_private.h',
  },
  {
    name: 'lua',
    source: 'lua5.4',
    plain: true,
    clean: 'make clean',
    build: ['make', 'linux'],
    header: 'src/lopcodes.h',
  },
  { name: 'zlib', source: 'zlib', prepare: './configure', clean: 'make clean', build: ['make'], header: 'inflate.h' },
  {
    name: 'zstd',
    source: 'libzstd',
    clean: 'make clean',
    build: ['make', '-C', 'programs', 'zstd', 'HAVE_ZLIB=0', 'HAVE_LZMA=0', 'HAVE_LZ4=0', 'DEBUGFLAGS=-O0'],
    header: 'lib/common/bits.h',
  },
  {
    name: 'mbedtls',
    source: 'mbedtls',
    clean: 'make clean',
    build: ['make', 'CFLAGS=-O0', 'lib', 'programs'],
    header: 'include/mbedtls/aes.h',
  },
  {
    name: 'redis',
    source: 'redis',
    plain: true,
    clean: 'make distclean',
    build: ['make', 'MALLOC=libc', 'OPTIMIZATION=-O0', 'USE_SYSTEMD=no'],
    header: 'src/quicklist.h',
  },
  {
    name: 'git',
    source: 'git',
    clean: 'make clean',
    build: [
      'make',
      ...['OPENSSL', 'CURL', 'EXPAT', 'GETTEXT', 'TCLTK', 'PERL', 'PYTHON'].map(each => `NO_${each}=1`),
      'CFLAGS=-O0',
      'all',
    ],
    header: 'strvec.h',
  },
  {
    name: 'busybox',
    source: 'busybox',
    prepare: 'make defconfig',
    clean: 'make clean',
    build: ['make', 'busybox_unstripped', 'SKIP_STRIP=y'],
    header: 'include/unicode.h',
  },
]

export interface Result {
  readonly name: string
  readonly commands: number
  readonly steps: number
  readonly files: number
  /** Files that differ from the original's, though those of two original builds do not. */
  readonly differing: readonly string[]
  /** Files in which two original builds differ. */
  readonly wayward: readonly string[]
  readonly findings: { readonly [code: string]: number }
  readonly rerun: { readonly tutti: number; readonly make: number }
  readonly seconds: { readonly [what: string]: number }
}

export interface Rig {
  /** The command line. */
  readonly cli: string
  /** Everything is done in there. */
  readonly folder: string
  say(text: string): void
}

/** What fetches sources without touching the machine's own lists; undefined when apt cannot. */
export function openApt(folder: string): ((source: string, plain: boolean) => string | undefined) | undefined {
  const parts = '/etc/apt/sources.list.d'
  if (process.getuid?.() !== 0 || !existsSync(parts)) return undefined
  const lists = readdirSync(parts).filter(name => name.endsWith('.sources'))
  for (const name of ['parts', 'lists/partial', 'cache/archives/partial', 'src'])
    mkdirSync(join(folder, name), { recursive: true })
  for (const name of lists)
    writeFileSync(
      join(folder, 'parts', name),
      readFileSync(join(parts, name), 'utf8').replaceAll(/^Types: deb$/gm, 'Types: deb-src'),
    )
  const options = [
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${folder}/parts`,
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    'APT::Sandbox::User=root',
    'Acquire::http::Timeout=20',
  ].flatMap(each => ['-o', each])
  const apt = (...words: readonly string[]) =>
    spawnSync('apt-get', [...options, '-q', ...words], { cwd: join(folder, 'src'), stdio: 'ignore' }).status === 0
  if (!apt('update')) return undefined
  return (source, plain) => {
    const target = join(folder, `${source}-tree`)
    if (existsSync(target)) return target
    if (!apt('source', '--download-only', source)) return undefined
    const dsc = readdirSync(join(folder, 'src')).find(name => name.startsWith(`${source}_`) && name.endsWith('.dsc'))
    if (dsc === undefined) return undefined
    const words = ['--no-check', ...(plain ? ['--skip-patches'] : []), '-x', dsc, target]
    return spawnSync('dpkg-source', words, { cwd: join(folder, 'src'), stdio: 'ignore' }).status === 0
      ? target
      : undefined
  }
}

export async function tryProject(project: Project, tree: string, { cli, folder, say }: Rig): Promise<Result> {
  const seconds: { [what: string]: number } = {}
  const cwd = join(folder, project.name)
  const copy = join(folder, `${project.name}-make`)
  for (const each of [cwd, copy]) rmSync(each, { recursive: true, force: true })
  cpSync(tree, cwd, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  if (project.prepare !== undefined) shell(cwd, project.prepare)
  cpSync(cwd, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  const timed = async <T>(what: string, act: () => T | Promise<T>): Promise<T> => {
    const startMs = performance.now()
    const result = await act()
    seconds[what] = Math.round((performance.now() - startMs) / 10) / 100
    say(`${project.name}: ${what} ${seconds[what]} s`)
    return result
  }
  const make = (where: string): void => shell(where, project.build.map(word => `'${word}'`).join(' '))
  const clean = (where: string): void => shell(where, `${project.clean} || true`)
  const tutti = (...words: readonly string[]): Promise<{ readonly out: string; readonly err: string }> =>
    new Promise((done, fail) =>
      execFile(
        process.execPath,
        [cli, ...words],
        { cwd, maxBuffer: 1 << 28, env: { ...process.env, NO_COLOR: '1' } },
        (error, out, err) =>
          error ? fail(new Error(`tutti ${words.join(' ')}: ${err.slice(-2_000)}`)) : done({ out, err }),
      ),
    )

  // Twice the same: what differs then is the original's own.
  await timed('make', () => make(cwd))
  const first = hashes(cwd)
  clean(cwd)
  const { out } = await timed('adopt', () => tutti('adopt', '--json', '--', ...project.build))
  const adopted = JSON.parse(out)
  const second = hashes(cwd)
  clean(cwd)
  await timed('cold run', () => tutti('run'))
  const third = hashes(cwd)
  const all = [...new Set([...first.keys(), ...second.keys(), ...third.keys()])]
  const wayward = all.filter(path => first.get(path) !== second.get(path))
  const differing = all.filter(path => second.get(path) !== third.get(path) && !wayward.includes(path))
  await timed('null run', () => tutti('run'))

  make(copy)
  edit(join(copy, project.header))
  await timed('make again', () => make(copy))
  edit(join(copy, project.header))
  const makeRan = stepsAgain(cli, copy, project)
  edit(join(cwd, project.header))
  const again = await timed('run again', () => tutti('run'))
  const names = new Set(
    [...readFileSync(join(cwd, 'tutti.ts'), 'utf8').matchAll(/^ {2}const (\S+) = (?:run|runAll|write)\(/gm)].map(
      ([, name]) => name,
    ),
  )
  const findings: { [code: string]: number } = {}
  for (const { code } of adopted.findings as readonly { readonly code: string }[])
    findings[code] = (findings[code] ?? 0) + 1
  return {
    name: project.name,
    commands: adopted.steps.flatMap((step: { readonly commands: readonly string[] }) => step.commands).length,
    steps: adopted.steps.length,
    files: adopted.steps.flatMap((step: { readonly writes: readonly string[] }) => step.writes).length,
    differing,
    wayward,
    findings,
    rerun: {
      tutti: [...again.err.matchAll(/^ok\s+(\S+)/gm)].filter(([, name]) => names.has(name ?? '')).length,
      make: makeRan,
    },
    seconds,
  }
}

/** Nothing, when its makefile does not know the header. */
function stepsAgain(cli: string, cwd: string, { build }: Project): number {
  const words = [cli, 'adopt', '--json', '--out', 'again.ts', '--', ...build]
  const { status, stdout } = spawnSync(process.execPath, words, {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  })
  return status === 0 ? JSON.parse(stdout.toString()).steps.length : 0
}

function shell(cwd: string, line: string): void {
  const { status, stderr } = spawnSync('/bin/sh', ['-c', line], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${line} failed: ${String(stderr).slice(-1_000)}`)
}

const edit = (path: string): void => appendFileSync(path, `\n/* edited ${performance.now()} */\n`)

function hashes(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(root, folder))) {
      const path = join(folder, name)
      if (['.tutti', 'tutti.ts', '.git'].includes(path)) continue
      const stats = lstatSync(join(root, path))
      if (stats.isDirectory()) visit(path)
      else if (stats.isSymbolicLink()) found.set(path, `-> ${readlinkSync(join(root, path))}`)
      else if (stats.isFile())
        found.set(
          path,
          createHash('sha256')
            .update(readFileSync(join(root, path)))
            .digest('hex'),
        )
    }
  }
  visit('')
  return found
}
