import { type Dir, type Files, files, output, sh, task, workflow } from 'tutti'
import { shared } from '../shared/tutti.ts'
import { assembled, checked } from '../steps.ts'

const tests = task(async (_dist: Dir, files: Files) => {
  await sh`node --test ${files}`
  return files.paths.length
})

export const api = workflow(
  () => {
    const modules = files('src/*.mjs')
    const dist = assembled(modules, shared(), output('dist')).after(checked(modules))
    return { dist, tested: tests(dist, files('test/*.mjs')) }
  },
  { once: true },
)
