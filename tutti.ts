/**
 * Tutti's own build, run by itself: `node scripts/tutti.mjs run check` does what has not been done for today's files,
 * `npm test` always runs the tests. The command line that runs this is a copy (scripts/tutti.mjs), as `dist` is made here.
 */
import { copyFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ctx, type Dir, effect, type Files, file, files, type Output, output, sh, task, workflow } from 'tutti'
import { z } from 'zod'

/** What every step hangs on beside its files: these packages, in this Node. */
const tools = () => [file('package-lock.json'), process.version, process.platform] as const
const everything = () => files('**', '.ci/**', '.gitignore', '.npmrc', { ignore: 'gitignore' })
const shipped = () => files('README.md', 'CHANGELOG.md', 'LICENSE', 'schema/**', 'package.json')

const bundle = task(async (_sources: Files, _tools: unknown, dist: Output) => {
  await sh`node scripts/build.mjs`
  return dist
})
const lint = task(async (_all: Files, _tools: unknown) => void (await sh`biome lint --error-on-warnings .`))
const format = task(async (_all: Files, _tools: unknown) => void (await sh`biome format .`))
const types = task(async (_all: Files, _tools: unknown) => {
  await sh`tsc -p tsconfig.json`
  // The core once more, without the types of Node and the DOM.
  await sh`tsc -p src/core/tsconfig.json`
})

/** `words`: for vitest, the parts of the tests' names. */
const tests = task(async (_dist: Dir, _all: Files, _tools: unknown, words: readonly string[]) => {
  const report = process.env['TUTTI_TEST_REPORT'] ?? join(ctx().scratch, 'report.json')
  // The command lines that the tests start are nobody's steps.
  const nobody = { TUTTI_RUN: undefined, TUTTI_STEP: undefined, TUTTI_ATTEMPT: undefined }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  await sh`vitest run ${reporters} ${words}`.env({ ...nobody, TUTTI_IDEMPOTENCY_KEY: undefined })
  return z.object({ numPassedTests: z.number() }).parse(JSON.parse(await readFile(report, 'utf8'))).numPassedTests
})

const tarball = task(async (_dist: Dir, _shipped: Files, tgz: Output) => {
  const { scratch } = ctx()
  await sh`npm pack --ignore-scripts --silent --pack-destination ${scratch}`
  const [name = ''] = await readdir(scratch)
  await copyFile(join(scratch, name), tgz.path)
  return tgz
})
/** Another machine, or the same one at another hour, measures something else: never taken from another run. */
const measure = effect((_dist: Dir) => sh`node bench/main.mjs`.then(({ stdout }) => stdout))

export const build = workflow(
  () => {
    const sources = files('src/**', 'scripts/build.mjs', 'package.json', 'tsconfig.base.json', 'tsconfig.build.json')
    return bundle(sources, tools(), output('dist'))
  },
  { once: true },
)

export const check = workflow(
  () => {
    const all = everything()
    const linted = lint(all, tools())
    const formatted = format(all, tools())
    const typed = types(all, tools())
    return tests(build(), all, tools(), []).after(linted, formatted, typed)
  },
  { onFailure: 'finish' },
)

export const test = workflow({ words: z.array(z.string()).default([]) }, ({ words }) =>
  tests(build(), everything(), tools(), words),
)

export const pack = workflow(() => tarball(build(), shipped(), output('tutti.tgz')))
export const bench = workflow(() => measure(build()))
