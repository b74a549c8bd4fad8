/** Looking after a store with versions from the command line: gc, export and import, doctor. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Project, projectWith, simple } from './project.ts'

/** Three versions, of which a run is pinned to the first. */
async function published(): Promise<Project> {
  const project = projectWith(simple(0))
  await project.ok('publish')
  await project.ok('run', 'w@1.0.0', '--id', 'pinned', '--quiet')
  for (const variant of [1, 2]) {
    project.write(simple(variant))
    await project.ok('publish')
  }
  return project
}

const numbers = async ({ json }: Project, ...words: readonly string[]): Promise<readonly unknown[]> =>
  (await json('versions', ...words)).map(({ version }) => version).sort()

test('gc --keep-versions removes old versions, and never one in use, which still runs', async () => {
  const project = await published()
  expect(await project.ok('gc')).toMatch(/^freed 0 runs, 0 blobs/)
  expect(await project.ok('gc', '--keep-versions', '1')).toMatch(/^freed 0 runs, 1 version, 0 blobs/)
  expect(await numbers(project)).toEqual(['1.0.0', '1.0.2'])
  rmSync(join(project.folder, 'tutti.ts'))
  expect(await project.ok('run', 'w@1.0.0', '--quiet')).toContain('"value": 1')
  expect((await project.refusal('run', 'w@1.0.1')).code).toBe('VERSION_UNKNOWN')
  // The runs that keep the first one go, and so does the version.
  await project.ok('run', 'w', '--quiet')
  expect(await project.ok('gc', '--keep-versions', '1', '--keep-runs', '1', '--keep-for', '0s')).toMatch(
    /^freed 2 runs, 1 version,/,
  )
  expect(await numbers(project)).toEqual(['1.0.2'])
  expect((await project.run('doctor')).code).toBe(0)
})

test('versions are exported with a run that is pinned to one, and run in the store that they come to', async () => {
  const project = await published()
  await project.ok('rewind', 'w@1.0.0')
  await project.ok('export', 'pinned', '-o', 'all.ndjson')
  await project.ok('import', 'all.ndjson', '--store', 'other')
  const [here, there] = [await project.json('versions'), await project.json('versions', '--store', 'other')]
  expect(there).toEqual(here)
  rmSync(join(project.folder, 'tutti.ts'))
  expect(await project.ok('run', 'w', '--store', 'other', '--quiet')).toContain('"value": 1')
  expect((await project.run('doctor', '--store', 'other')).code).toBe(0)
})
