/** Invariant 6: a secret's value is in no event, log, blob, page or error, in whatever form it is common to write one. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, folderWith, tutti } from './rig.ts'

const VALUES = ['planted/env+value one?', 'planted/file+value two?', 'planted/command+value three?'] as const
const forms = VALUES.flatMap(value => [
  value,
  Buffer.from(value).toString('base64'),
  Buffer.from(value).toString('base64url'),
  encodeURIComponent(value),
])

/** Prints, logs, records and throws what it was given; `leak` says by which way it tries to get out. */
const file = `import { ctx, effect, secret, type Secret, sh, task, workflow } from 'tutti'
const spill = (leak: string) => async (token: Secret) => {
  const value = token.reveal()
  const base64 = Buffer.from(value).toString('base64')
  console.log('plain ' + value, 'base64 ' + base64)
  process.stdout.write('half ' + value.slice(0, 7))
  process.stdout.write(value.slice(7) + ' whole\\n')
  console.error('url ' + encodeURIComponent(value))
  ctx().log.warn('logged ' + value)
  ctx().record('kept', { value, base64 })
  await sh\`node -e \${'console.log(process.env.TOKEN); console.error(process.argv[1])'} \${base64}\`.env({ TOKEN: token })
  if (leak === 'throw') throw Object.assign(new Error('thrown ' + value, { cause: new Error(base64) }), { detail: value })
  if (leak === 'command') await sh\`node -e \${'console.error(process.env.TOKEN); process.exit(3)'}\`.env({ TOKEN: token })
  if (leak === 'return') return { value }
  if (leak === 'return base64') return base64
  return value.length
}
const secrets = () => [secret('TOKEN'), secret('F', { file: 'secret.txt' }), secret('C', { command: 'cat command.txt' })] as const
const options = (executor: string) => ({ executor })
const LEAKS
`
const leaks = ['print', 'throw', 'command', 'return', 'return base64'] as const
const executors = ['inline', 'thread', 'process'] as const
const source = file.replace(
  'LEAKS\n',
  `made = 1\n${leaks.map((leak, index) => executors.map(executor => `const ${executor}${index} = task(spill('${leak}'), { executor: '${executor}' })\nexport const ${executor}_${index} = workflow(() => secrets().map(each => ${executor}${index}(each)))\n`).join('')).join('')}`,
)

/** Every way in the same process; the others differ only in how lines, values and errors come back. */
const ways = leaks
  .flatMap((leak, index) => executors.map(executor => ({ leak, executor, workflow: `${executor}_${index}` })))
  .filter(({ leak, executor }) => executor === 'inline' || leak === 'throw' || leak === 'return')

test.concurrent.each(ways)(
  'a task that tries to leak by $leak in the executor $executor leaks nothing',
  async ({ leak, workflow }) => {
    const cwd = folderWith({ 'tutti.ts': source, 'secret.txt': `${VALUES[1]}\n`, 'command.txt': VALUES[2] })
    const env = { TOKEN: VALUES[0] }
    const store = join(cwd, '.tutti')
    const run = await tutti(
      ['run', 'tutti.ts', workflow, '--id', 'a', '--json', '--verbose', '--junit', 'report.xml'],
      { cwd, env },
    )
    expect(run.code, run.err).toBe(leak === 'print' ? 0 : 1)
    if (leak.startsWith('return')) expect(run.err).toContain('SECRET_LEAKED')
    const shown: Ended[] = [run]
    for (const words of [['show', 'a'], ['show', 'a', '--json'], ['logs', 'a'], ['export'], ['resume', 'a']])
      shown.push(await tutti(words, { cwd, env }))
    for (const [index, { out, err }] of shown.entries()) expectClean(`${out}\n${err}`, `output ${index}`)
    for (const path of filesIn(store)) expectClean(readFileSync(path).toString('latin1'), path)
    expectClean(readFileSync(join(cwd, 'report.xml'), 'utf8'), 'the report')
    // It was printed, and hidden where it stood.
    expect((await tutti(['logs', 'a'], { cwd })).out).toContain('plain [secret ')
  },
)

function expectClean(text: string, where: string): void {
  for (const form of forms) expect(text.includes(form), `${form} in ${where}`).toBe(false)
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => statSync(path).isFile())
}
