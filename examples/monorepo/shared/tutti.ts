/** What the other projects build on. `once`: however many of them call it, it is one step of their graph. */
import { files, output, workflow } from 'tutti'
import { assembled, checked } from '../steps.ts'

export const shared = workflow(
  () => {
    const modules = files('src/*.mjs')
    return assembled(modules, undefined, output('dist')).after(checked(modules))
  },
  { once: true },
)
