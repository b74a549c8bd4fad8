/**
 * One `up` a folder: who it is stands in `<store>/up.json`, for the second one, which is refused, and for `down`.
 *
 *   C1. What a killed process has left is taken over, also when its pid now belongs to another program.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isGone, type Owner, thisOwner } from '../store/owner.ts'
import { refuse } from '../util/diagnostic.ts'

export interface Claimed {
  readonly owner: Owner
  readonly file: string
  readonly workflow: string
  readonly services: readonly string[]
}

export interface Claim {
  /** Names of the services that run, in the order in which they were started. */
  note(services: readonly string[]): void
  release(): void
}

const pathIn = (store: string): string => join(store, 'up.json')

/** Refuses with UP_RUNNING. */
export function claim(store: string, what: { readonly file: string; readonly workflow: string }): Claim {
  mkdirSync(store, { recursive: true })
  const path = pathIn(store)
  const draft = `${path}.${process.pid}`
  const write = (services: readonly string[]): void =>
    writeFileSync(draft, JSON.stringify({ owner: thisOwner(), ...what, services } satisfies Claimed))
  write([])
  try {
    while (!linked(draft, path)) {
      const found = readClaim(store)
      if (found?.isAlive) refuseRunning(found.claimed)
      if (found) setAside(path, draft)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    note(services) {
      write(services)
      renameSync(draft, path)
    },
    release: () => rmSync(path, { force: true }),
  }
}

/** A link is made by one of all who try. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Renamed first: of two who find it, one has it; what another one has just written in its place is put back. */
function setAside(path: string, draft: string): void {
  const aside = `${draft}.old`
  try {
    renameSync(path, aside)
  } catch {
    return // the other one was faster
  }
  const taken = parse(aside)
  if (taken?.isAlive) linked(aside, path)
  rmSync(aside, { force: true })
}

export interface Found {
  readonly claimed: Claimed
  readonly isAlive: boolean
}

export const readClaim = (store: string): Found | undefined => parse(pathIn(store))

export const dropClaim = (store: string): void => rmSync(pathIn(store), { force: true })

function parse(path: string): Found | undefined {
  try {
    const claimed = JSON.parse(readFileSync(path, 'utf8')) as Claimed
    return { claimed, isAlive: !isGone(claimed.owner, statSync(path).mtimeMs) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    // Torn by a crash of the machine: nobody wrote it who still runs.
    return { claimed: { owner: { ...thisOwner(), pid: 0 }, file: '', workflow: '', services: [] }, isAlive: false }
  }
}

function refuseRunning({ owner, file, workflow }: Claimed): never {
  refuse('UP_RUNNING', `tutti up runs here already: process ${owner.pid}, for ${workflow} of ${file}`, {
    hint: 'Stop it with tutti down, or give this one another folder with --store.',
  })
}
