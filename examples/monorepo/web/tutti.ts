import { type Dir, type FileHandle, file, type Output, output, sh, task, workflow } from 'tutti'
import { api } from '../api/tutti.ts'

/** The page with today's products in it. `api` stands in the folder of its own project, wherever this runs. */
const rendered = task(async (script: FileHandle, api: Dir, page: Output) => {
  await sh`node ${script} ${api.path}/products.mjs ${page}`
  return page
})

export const web = workflow(() => rendered(file('src/render.mjs'), api().dist, output('dist/index.html')), {
  once: true,
})
