/** Steps that every project here uses. This file belongs to no project: they work in the one that calls them. */
import { type Dir, type Files, type Output, sh, task } from 'tutti'

/** Parses each module, and runs none. */
export const checked = task(async (modules: Files) => {
  for (const path of modules.paths) await sh`node --check ${path}`
  return modules.paths.length
})

/** The modules, and those of `shared` below them, in one folder that needs nothing else. */
export const assembled = task(async (modules: Files, shared: Dir | undefined, dist: Output) => {
  await sh`rm -rf ${dist}`
  await sh`mkdir -p ${dist}`
  await sh`cp ${modules} ${dist}`
  if (shared) await sh`cp -r ${shared} ${dist.path}/shared`
  return dist
})
