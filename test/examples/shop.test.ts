/** examples/shop with the PostgreSQL of this machine; skipped where it is missing or cannot run. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { installation } from '../../examples/shop/database.ts'
import { folderWith, type Live, startTutti, tutti } from '../cli/rig.ts'
import { eventually, processesWith } from '../services/fixture.ts'

const hasPostgres = (): boolean => {
  try {
    return installation().bin !== ''
  } catch {
    return false
  }
}

const cwd = folderWith()
cpSync(resolve('examples/shop'), cwd, { recursive: true, filter: path => !path.includes('.tutti') })

/** What `up` has said of services since `from`, each `name state`. */
const statesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^service {3}(\w+) (starting|ready|stopped|restarting)/gm)].map(
    ([, name, state]) => `${name} ${state}`,
  )

async function upToDateAfter(up: Live, change: () => void): Promise<readonly string[]> {
  const { length } = up.err
  change()
  await eventually(() => up.err.slice(length).includes('up to date'), 20_000)
  return statesIn(up.err.slice(length))
}

test.runIf(hasPostgres())(
  'a run starts all three, looks at the page and leaves nothing',
  { timeout: 40_000 },
  async () => {
    const { out, code } = await tutti(['run', 'check'], { cwd })
    expect(JSON.parse(out)).toEqual({
      status: 200,
      text: '<h1>Shop</h1><ul><li>Teapot: 24.00</li><li>Cup: 6.50</li></ul>',
    })
    expect(code).toBe(0)
    expect(processesWith(cwd)).toEqual([])
  },
)

test.runIf(hasPostgres())('up restarts what an edit concerns, and nothing else', { timeout: 40_000 }, async () => {
  const up = startTutti(['up', 'shop'], { cwd })
  await up.says('up to date')
  const page = async () => (await fetch(`http://localhost:${/web ready on (\d+)/.exec(up.err)?.[1]}`)).text()
  const edit = (path: string, from: string, to: string) => () =>
    writeFileSync(join(cwd, path), readFileSync(join(cwd, path), 'utf8').replace(from, to))

  expect(await upToDateAfter(up, edit('api/server.js', 'order by id', 'order by id desc'))).toEqual([
    'api stopped',
    'api starting',
    'api ready',
  ])
  expect(await page()).toBe('<h1>Shop</h1><ul><li>Cup: 6.50</li><li>Teapot: 24.00</li></ul>')

  const lamp = () =>
    writeFileSync(join(cwd, 'schema/002-lamp.sql'), "insert into product (name, cents) values ('Lamp', 3900);")
  expect(await upToDateAfter(up, lamp)).toEqual(['api stopped', 'api starting', 'api ready'])
  expect(await page()).toContain('Lamp: 39.00')

  up.child.kill('SIGINT')
  await up.ended
  expect(processesWith(cwd)).toEqual([])
  rmSync(join(cwd, '.tutti'), { recursive: true })
})
