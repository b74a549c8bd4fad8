/**
 * The folder of a checkout. Each file is written in a folder of its own beside the others, and gets its name when it is whole.
 *
 *   D1. Nothing is written outside of the folder: no name leads out of it, and no link that lies in it is followed.
 *   D2. A file that is there under its name is whole.
 */
import { randomUUID } from 'node:crypto'
import { lstatSync, renameSync } from 'node:fs'
import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { refuse } from '../../util/diagnostic.ts'
import { type Filling, placeFile, solidFolder } from '../../values/placing.ts'

export interface Target {
  readonly root: string
  /** `at` with `/`, seen from the root. */
  file(at: string, filling: Filling, executable?: boolean): Promise<'placed' | 'damaged'>
  folder(at: string): Promise<void>
  link(at: string, to: string): Promise<void>
  /** A file that is written bit by bit, to be given its name later. */
  incoming(): string
  adopt(incoming: string, at: string): Promise<void>
  /** Removes what is half done. */
  close(): Promise<void>
}

const INCOMING = '.tutti-checkout-'

/** Refuses with CHECKOUT_NOT_EMPTY and CHECKOUT_BLOCKED. */
export async function openTarget(root: string, shown: string, mode: 'new' | 'over'): Promise<Target> {
  await mkdir(root, { recursive: true }).catch(error =>
    refuse('CHECKOUT_BLOCKED', `${shown} cannot be made: ${String((error as { readonly code?: unknown }).code)}`, {
      hint: 'Name another folder with --into.',
    }),
  )
  const names = await readdir(root)
  if (names.length > 0 && mode === 'new')
    refuse('CHECKOUT_NOT_EMPTY', `${shown} is not empty`, {
      hint: 'Name another folder, or replace in it what belongs to the checkout: --force.',
    })
  // Of a checkout that was interrupted.
  for (const name of names.filter(each => each.startsWith(INCOMING)))
    await rm(join(root, name), { recursive: true, force: true })
  const beside = join(root, `${INCOMING}${randomUUID().slice(0, 8)}`)
  await mkdir(beside)
  const solid = new Set<string>()

  const makeFolder = (path: string): void => {
    if (solid.has(path)) return
    const obstacle = solidFolder(root, path, 'leave')
    if (obstacle !== undefined) refuseBlocked(obstacle)
    solid.add(path)
  }
  const free = (at: string): string => {
    const path = join(root, at)
    makeFolder(dirname(path))
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) refuseBlocked(path)
    return path
  }

  return {
    root,
    file: async (at, filling, executable = false) => placeFile(free(at), filling, { executable, beside }),
    folder: async at => makeFolder(join(root, at)),
    async link(at, to) {
      const path = free(at)
      await rm(path, { force: true })
      await symlink(to, path)
    },
    incoming: () => join(beside, randomUUID()),
    adopt: async (incoming, at) => renameSync(incoming, free(at)),
    close: () => rm(beside, { recursive: true, force: true }),
  }
}

const refuseBlocked = (path: string): never =>
  refuse('CHECKOUT_BLOCKED', `${path} is in the way of the checkout`, {
    hint: 'Remove it, or name another folder with --into.',
  })
