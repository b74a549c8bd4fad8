/** A process that has almost no watches left: says why it polls, and what it sees all the same. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWatch } from '../../src/watch/watch.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'tutti-watch-')))
const names = [...'abcdefghijklmnopqrstuvwxyz'].map(folder => `${folder}/1`)
for (const name of names) {
  mkdirSync(join(root, name, '..'))
  writeFileSync(join(root, name), name)
}
let seen = (_: string): void => undefined
const watch = openWatch({
  pollMs: 10,
  onDegraded: ({ cause }) => console.log(cause),
  onHint: paths => {
    for (const path of paths) seen(path.slice(root.length + 1))
  },
})
watch.set({ trees: [root] })
for (const name of ['a/1', 'z/1']) {
  const hinted = new Promise<void>(resolve => (seen = path => (path === name || path === name[0]) && resolve()))
  writeFileSync(join(root, name), 'changed')
  await hinted
  console.log(`seen ${name}`)
}
watch.close()
rmSync(root, { recursive: true })
