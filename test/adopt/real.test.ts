/** A real project from Debian's sources (see ./corpus.ts); `npm run adopt:corpus` tries all of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cli } from '../cli/rig.ts'
import { hasProgram, noSight } from '../sight/suite.ts'
import { openApt, PROJECTS, tryProject } from './corpus.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-corpus-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const canBuild = !noSight && ['make', 'gcc', 'dpkg-source', 'apt-get'].every(hasProgram)

test.skipIf(!canBuild)(
  'bzip2 is built to the same bytes, and a header runs again what make runs again',
  { timeout: 300_000 },
  async context => {
    const fetch = openApt(folder)
    const project = PROJECTS.find(each => each.name === 'bzip2')!
    const tree = fetch?.(project.source, project.plain === true)
    if (tree === undefined) return context.skip('apt gives no sources here')
    const result = await tryProject(project, tree, { cli, folder, say: () => undefined })
    expect(result).toMatchObject({ differing: [], wayward: [], steps: 22, commands: 23 })
    expect(result.rerun.tutti).toBeLessThanOrEqual(22)
    // Its makefile does not know the header: make leaves everything as it is.
    expect(result.findings).toMatchObject({ ADOPT_UNKNOWN_INPUTS: 1 })
  },
)
