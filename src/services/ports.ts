/**
 * Numbers for ports: computed from the folder, the service and the port's name, so that they are the same at each start
 * and others in each worktree, with nothing to be kept. A number that is taken is passed over.
 *
 *   S2. Two services never get one number from one process; what somebody listens on is not given.
 */
import { createServer } from 'node:net'
import type { Resource } from '../core/graph/graph.ts'
import { refuse } from '../util/diagnostic.ts'
import { hashText } from '../util/hash.ts'

/** Below the system's ephemeral ports (from 32768 on Linux, 49152 elsewhere), above most that programs are known by. */
const FIRST = 20_000
const COUNT = 12_000
/** So many numbers are tried before it is said that there is none. */
const TRIES_MAX = 100

interface Wanted {
  /** What it is for, in words: `api`. */
  readonly service: string
  /** By which it is computed: the folder and the service's step. */
  readonly place: string
  readonly name: string
  readonly number: number | undefined
}

interface Ports {
  /** Refuses PORT_TAKEN. */
  take(wanted: Wanted): Promise<number>
  release(number: number): void
  isFree(number: number): Promise<boolean>
}

function newPorts(isFree: (number: number) => Promise<boolean> = isPortFree): Ports {
  const given = new Set<number>()

  const takeIfFree = async (number: number): Promise<boolean> => {
    if (given.has(number)) return false
    // Before it is tried: whoever asks meanwhile gets another.
    given.add(number)
    if (await isFree(number)) return true
    given.delete(number)
    return false
  }

  return {
    async take(wanted) {
      const { service, name, number } = wanted
      if (number !== undefined)
        return (await takeIfFree(number))
          ? number
          : refuse('PORT_TAKEN', `Port ${number}, which ${service} wants for ${name}, is taken by another program`, {
              hint: `End that program, or leave the number out: port(${JSON.stringify(name)}) takes one that is free.`,
            })
      for (let tried = 0; tried < TRIES_MAX; tried++) {
        const candidate = candidateOf(wanted, tried)
        if (await takeIfFree(candidate)) return candidate
      }
      return refuse('PORT_TAKEN', `${TRIES_MAX} ports that ${service} could have for ${name} are all taken`, {
        hint: `Choose one yourself: port(${JSON.stringify(name)}, 8080).`,
      })
    },
    release: number => void given.delete(number),
    isFree,
  }
}

/** The ports of each service, which stay its own while it is replaced. */
interface Allotments {
  /** Refuses PORT_TAKEN. */
  take(owner: string, wanted: Wanted): Promise<number>
  /** By name, in the order of `resources`: the first is that of the endpoint's URL. */
  numbersOf(owner: string, resources: readonly Resource[]): { readonly [name: string]: number }
  /** A start has failed, perhaps since somebody else has taken one meanwhile: they are looked at before they are used again. */
  doubt(owner: string): void
  /** They are being used. */
  trust(owner: string): void
  release(owner: string): void
}

interface Allotted {
  readonly number: number
  /** As the user gave it. */
  readonly fixed: number | undefined
}

export function newAllotments(ports: Ports = newPorts()): Allotments {
  const owners = new Map<string, Map<string, Allotted>>()
  const doubted = new Set<string>()
  return {
    async take(owner, wanted) {
      const mine = owners.get(owner) ?? new Map<string, Allotted>()
      owners.set(owner, mine)
      const { name, number: fixed } = wanted
      const known = mine.get(name)
      const isDoubtful = known !== undefined && doubted.has(owner) && !(await ports.isFree(known.number))
      if (known && known.fixed === fixed && !isDoubtful) return known.number
      if (known) ports.release(known.number)
      mine.delete(name)
      const number = await ports.take(wanted)
      mine.set(name, { number, fixed })
      return number
    },
    numbersOf(owner, resources) {
      const mine = owners.get(owner)
      const named = resources.flatMap(each => {
        const allotted = each.kind === 'port' ? mine?.get(each.name) : undefined
        return each.kind === 'port' && allotted ? [[each.name, allotted.number] as const] : []
      })
      return Object.fromEntries(named)
    },
    doubt: owner => void doubted.add(owner),
    trust: owner => void doubted.delete(owner),
    release(owner) {
      doubted.delete(owner)
      for (const { number } of owners.get(owner)?.values() ?? []) ports.release(number)
      owners.delete(owner)
    },
  }
}

function candidateOf({ place, name }: Wanted, tried: number): number {
  return FIRST + (Number.parseInt(hashText(`${place}\0${name}\0${tried}`).slice(-8), 16) % COUNT)
}

/** All addresses one by one: some systems let a wildcard and a single address share a port. */
const ADDRESSES = ['::', '0.0.0.0', '127.0.0.1', '::1']

async function isPortFree(number: number): Promise<boolean> {
  for (const host of ADDRESSES) if (await isTaken(number, host)) return false
  return true
}

/** Not a machine without IPv6: there the address is unknown, and nobody has the port at it. */
const TAKEN: ReadonlySet<string | undefined> = new Set(['EADDRINUSE', 'EACCES'])

function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(TAKEN.has(error.code)))
    server.listen({ port, host, exclusive: true, ipv6Only: host.includes(':') }, () =>
      server.close(() => resolve(false)),
    )
  })
}
