/** PostgreSQL as it lies on this machine: found, made, started, and brought to the newest schema. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type Endpoint, type Files, type Port, sh } from 'tutti'

/** Where the database is, and the program that talks to it. */
export interface Place extends Endpoint {
  readonly psql: string
}

const USER = 'shop'

export async function start(folder: string, port: Port) {
  const { bin, as } = installation()
  const data = resolve(folder)
  if (!existsSync(join(data, 'PG_VERSION'))) {
    mkdirSync(data, { recursive: true })
    await sh`${as} ${join(bin, 'initdb')} -D ${data} -U ${USER} --auth=trust --encoding=UTF8 --locale=C`.quiet()
  }
  const settings = ['-c', 'listen_addresses=localhost', '-c', 'unix_socket_directories=']
  return {
    run: sh`${as} ${join(bin, 'postgres')} -D ${data} -p ${port} ${settings}`,
    endpoint: { url: `postgres://${USER}@localhost:${port.number}/postgres`, psql: join(bin, 'psql') },
  }
}

/** Applies what has not been applied, each file in a transaction of its own. Gives the name of the newest. */
export async function migrate({ url, psql }: Place, schema: Files): Promise<string> {
  const ask = (...args: readonly string[]) => sh`${psql} ${url} -XAqt -v ON_ERROR_STOP=1 ${args}`
  await ask('-c', 'create table if not exists applied (name text primary key)').env({
    PGOPTIONS: '--client-min-messages=warning',
  })
  const applied = new Set((await ask('-c', 'select name from applied')).stdout.split('\n'))
  for (const path of schema.paths) {
    const name = basename(path)
    if (applied.has(name)) continue
    console.log(`applying ${name}`)
    await ask('-1', '-f', path, '-c', `insert into applied values ('${name}')`)
  }
  return basename(schema.paths.at(-1) ?? 'none')
}

const PROGRAMS = ['initdb', 'postgres', 'psql']

/** On the PATH, or where Debian puts it, the newest version; and what its programs must be started by. Throws where it cannot run. */
export function installation(): { readonly bin: string; readonly as: readonly string[] } {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...debianFolders()]
  const found = folders.find(folder => PROGRAMS.every(program => existsSync(join(folder, program))))
  if (found !== undefined) return { bin: found, as: notRoot() }
  throw new Error('There is no PostgreSQL on this machine: install it (Debian: apt-get install postgresql)')
}

function debianFolders(): readonly string[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  const newestFirst = readdirSync(root).sort((a, b) => Number(b) - Number(a))
  return newestFirst.map(version => join(root, version, 'bin'))
}

/**
 * PostgreSQL does not run as root, as in a container. In a user namespace of its own it is somebody else to itself, and
 * still the owner of its files.
 */
function notRoot(): readonly string[] {
  if (process.getuid?.() !== 0) return []
  try {
    execFileSync('unshare', ['--user', 'true'], { stdio: 'ignore' })
    return ['unshare', '--user', '--']
  } catch {
    throw new Error('PostgreSQL does not run as root, and there are no user namespaces here: run this as another user')
  }
}
