/** V3: whatever happens to the files, and however fast, the last run has seen what there is in the end. */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tutti } from '../cli/rig.ts'
import { type Said, up } from './rig.ts'

const ALL = `
import { createHash } from 'node:crypto'
import { files, type Files, task, workflow } from 'tutti'
const read = task((texts: Files) => {
  const { contents } = texts as never as { contents: { hash: string }[] }
  const all = texts.paths.map((path, index) => path + ' ' + contents[index]!.hash)
  return createHash('sha256').update(all.join()).digest('hex') + ' ' + texts.paths.filter(path => path.includes('marker'))
})
export const all = workflow(() => read(files('root/**/*.txt')))
`

test.each(['restart', 'finish'])('V3: after a mess nothing is out of date: %s', { timeout: 60_000 }, async policy => {
  const live = await up({ 'tutti.ts': ALL, 'root/1.txt': '1', 'outside/1.txt': '1' }, ['--on-change', policy])
  const disorder = fileURLToPath(new URL('../watch/disorder.mjs', import.meta.url))
  const child = fork(disorder, [join(live.cwd, 'root'), join(live.cwd, 'outside')])
  try {
    for (let round = 0; round < 5; round++) {
      const done = new Promise(resolve => child.once('message', resolve))
      child.send({ seed: round, count: 60 })
      await done
      const marker = `root/marker-${round}.txt`
      writeFileSync(join(live.cwd, marker), marker)
      const isLast = (each: Said): boolean => each.kind === 'run.ended' && JSON.stringify(each).includes(marker)
      await live.next(isLast)
      await live.next(each => each.kind === 'up.watching')
      const last = live.said.findLast(each => each.kind === 'run.ended' && each['status'] === 'succeeded')
      const fresh = await tutti(['run', '--fresh', '--quiet'], { cwd: live.cwd, env: { TUTTI_STORE: '.fresh' } })
      expect(last?.['output']).toMatchObject({ inline: JSON.stringify(fresh.out.trim()) })
    }
  } finally {
    child.disconnect()
  }
})
