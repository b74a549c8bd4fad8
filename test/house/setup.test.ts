/** The scripts that run on a machine where nothing is installed yet: what they refuse, and what `.ci/run` counts. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { root } from './project.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-setup-'))
  folders.push(folder)
  return folder
}

describe('setup on a machine that will not do', () => {
  /** Runs the real script in a Node that says something else about itself. It stops before it could change anything. */
  const setupIn = (lie: string) => {
    const folder = newFolder()
    cpSync(join(root, 'scripts'), join(folder, 'scripts'), { recursive: true })
    const imported = `data:text/javascript,${encodeURIComponent(lie)}`
    return spawnSync(process.execPath, ['--import', imported, join(folder, 'scripts/setup.mjs')], { encoding: 'utf8' })
  }
  const nodeIs = (version: string) =>
    `Object.defineProperty(process, 'versions', { value: { node: '${version}' } });
     Object.defineProperty(process, 'version', { value: 'v${version}' })`

  test.each(['18.20.4', '20.18.3'])('Node %s is too old, and the sentence says which is needed', version => {
    const { status, stderr } = setupIn(nodeIs(version))
    expect(status).toBe(1)
    expect(stderr).toContain(`needs Node.js 20.19 or newer, and this is v${version}`)
  })

  test('Windows is sent to WSL', () => {
    const { status, stderr } = setupIn("Object.defineProperty(process, 'platform', { value: 'win32' })")
    expect(status).toBe(1)
    expect(stderr).toContain('Open a WSL terminal')
  })

  test('which systems work is said at the start', () => {
    expect(setupIn(nodeIs('18.0.0')).stderr).toMatch(/^tutti: works on Linux and macOS; on Windows inside WSL/)
  })
})

describe('.ci/run', () => {
  /** The real script in a project whose npm scripts are these. */
  const ciWith = (scripts: Readonly<Record<string, string>>) => {
    const folder = newFolder()
    mkdirSync(join(folder, '.ci'))
    cpSync(join(root, '.ci/run'), join(folder, '.ci/run'))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }))
    const { status, stdout } = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8' })
    return { status, last: stdout.trimEnd().split('\n').at(-1) }
  }
  const tests = (counts: { passed: number; failed: number; skipped: number }) =>
    `node -e 'fs.writeFileSync(process.env.TUTTI_TEST_COUNTS, process.argv[1]); process.exit(${counts.failed})' '${JSON.stringify(counts)}'`
  const good = { lint: 'true', format: 'true', typecheck: 'true', matrix: 'true' }

  const CASES = [
    {
      name: 'all is well',
      scripts: { ...good, test: tests({ passed: 7, failed: 0, skipped: 1 }) },
      status: 0,
      last: '7 passed, 0 failed, 1 skipped',
    },
    {
      name: 'a fuzz that finds something counts as a failure',
      scripts: { ...good, fuzz: 'false', test: tests({ passed: 7, failed: 0, skipped: 0 }) },
      status: 1,
      last: '7 passed, 1 failed, 0 skipped',
    },
    {
      name: 'a test fails',
      scripts: { ...good, test: tests({ passed: 7, failed: 2, skipped: 0 }) },
      status: 1,
      last: '7 passed, 2 failed, 0 skipped',
    },
    {
      name: 'a check fails',
      scripts: { ...good, lint: 'false', test: tests({ passed: 7, failed: 0, skipped: 0 }) },
      status: 1,
      last: '7 passed, 1 failed, 0 skipped',
    },
    { name: 'set-up fails', scripts: { ...good, test: 'false' }, status: 1, last: '0 passed, 1 failed, 0 skipped' },
  ]
  test.each(CASES)('$name: $last', ({ scripts, status, last }) => {
    expect(ciWith(scripts)).toEqual({ status, last })
  })
})
