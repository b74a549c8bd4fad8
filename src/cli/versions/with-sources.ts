/**
 * A version with the inputs that it had: a replica is a folder that stands for the project, in which its sources and its modules
 * lie as they were when it was published, and nothing else but links to what is installed. What the version's steps write lies
 * there, too. Files that steps read and do not declare are not in it.
 *
 *   R1. Nothing of the version runs before all of its inputs are there; what cannot be had is told, all of it at once.
 *   R2. Nothing is written outside of the replica, whatever links lie in it.
 *   R3. What its sources find in the replica is what they found then, and nothing more, also when steps have left files in it.
 */
import { existsSync } from 'node:fs'
import { lstat, mkdir, readFile, readlink, realpath, rm, symlink, utimes } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { resourcesOf } from '../../core/index.ts'
import { isMade } from '../../loader/index.ts'
import { recordedReads } from '../../run/launch.ts'
import type { Runnable } from '../../run/runnable.ts'
import type { Store, VersionRow } from '../../store/index.ts'
import { fromBase64 } from '../../util/base64.ts'
import { inside } from '../../values/paths.ts'
import { placeFile, solidFolder } from '../../values/placing.ts'
import { envHash } from '../../values/seen.ts'
import type { Contents, SourceFact } from '../../versions/version.ts'
import { openKept } from '../file.ts'
import type { Io } from '../io.ts'
import { bringSources } from './bring.ts'
import { fileOf, workflowOf } from './line.ts'
import type { OpenedVersion } from './open.ts'
import { factsOf, nameOf } from './row.ts'
import { isInstalled, modulesOf, type Replica, replicaOf } from './replica.ts'
import { sourceFacts } from './sources.ts'

/** The version as it is run in its replica, which is made, or completed. Refuses with SOURCES_GONE. */
export async function withSources(io: Io, store: Store, opened: OpenedVersion): Promise<Runnable> {
  const { row, contents } = opened
  const bundle = opened.runnable.bundle ?? new Uint8Array()
  const replica = replicaOf(store, row, contents)
  sayVariables(io, row, contents.sources)
  await mkdir(join(replica.root, '.git'), { recursive: true })
  await utimes(replica.root, new Date(), new Date())
  await layModules(replica, contents)
  const facts = contents.sources.filter(({ kind }) => kind !== 'env')
  const commit = factsOf(row).commit?.id
  await bringSources({ store, replica, name: nameOf(row), ...(commit === undefined ? {} : { commit }) }, facts)
  await removeOthers(store, replica, opened.runnable, facts)
  await linkInstalled(replica, facts)
  await linkSecrets(replica, opened.runnable)
  const recorded = await recordedReads(store.blobs, contents.face.graph)
  const file = await openKept(bundle, join(replica.cwd, basename(fileOf(store.path, row.line))), recorded, io.cwd)
  return { ...file.runnable(workflowOf(row.line)), version: row.number }
}

function sayVariables(io: Io, row: VersionRow, facts: readonly SourceFact[]): void {
  const names = facts.filter(({ kind, name, hash }) => kind === 'env' && envHash(io.env[name]) !== hash)
  for (const name of new Set(names.map(each => each.name)))
    io.err(`${nameOf(row)}: the variable ${name} has another value than when it was published\n`)
}

/** For steps that run a module as a script, and for positions in errors. */
async function layModules({ root, cwd }: Replica, { code }: Contents): Promise<void> {
  for (const [path, module] of Object.entries(modulesOf(code)))
    for (const [name, bytes] of filesOf(module)) await layText(root, resolve(cwd, path, name), bytes)
}

/** As seen from the module itself. */
function filesOf(module: KeptModule): readonly (readonly [name: string, bytes: string | Uint8Array])[] {
  if (isMade(module)) return []
  if (module.kind !== 'native') return [['', module.source]]
  return Object.entries(module.files ?? {}).map(([name, kept]) => [
    `../${name}`,
    typeof kept === 'string' ? kept : (fromBase64(kept.base64) ?? ''),
  ])
}

type KeptModule = ReturnType<typeof modulesOf>[string]

async function layText(root: string, path: string, bytes: string | Uint8Array): Promise<void> {
  if (isInstalled(path, root) || inside(root, path) === undefined) return
  const found = (await lstat(path).catch(() => undefined))?.isFile() ? await readFile(path) : undefined
  if (found?.equals(Buffer.from(bytes))) return
  solidFolder(root, dirname(path), 'remove')
  await placeFile(path, { kind: 'bytes', bytes })
}

/** R3. */
async function removeOthers(
  store: Store,
  { root, cwd }: Replica,
  { graph }: Runnable,
  facts: readonly SourceFact[],
): Promise<void> {
  const wanted = new Set(facts.filter(({ kind, hash }) => kind === 'folder' || hash !== null).map(({ name }) => name))
  for (const { name } of facts) if (!wanted.has(name)) await rm(resolve(cwd, name), { recursive: true, force: true })
  const found = await sourceFacts(store, { graph, cwd }, { keep: 'hashes' })
  for (const { kind, name } of found) {
    const path = resolve(cwd, name)
    if (kind !== 'env' && !wanted.has(name) && inside(root, path) !== undefined && !isInstalled(path, root))
      await rm(path, { recursive: true, force: true })
  }
}

/** The `node_modules` of the project, of the folders in it that sources and modules lie in, and the nearest one around. */
async function linkInstalled({ root, cwd, project }: Replica, facts: readonly SourceFact[]): Promise<void> {
  const folders = new Set<string>([''])
  for (const { name } of facts)
    for (let at = dirname(name); at !== '.' && !folders.has(at); at = dirname(at)) folders.add(at)
  // From the project up to what stands for the base, and one more for all that is around it.
  for (let up = '..'; inside(root, resolve(cwd, up)) !== undefined; up = `../${up}`) folders.add(up)
  for (const folder of folders) {
    const target = resolve(cwd, folder)
    const modules = join(resolve(project, folder), 'node_modules')
    const isTop = target === root
    const installed = isTop ? await nearestModules(dirname(modules)) : await realpath(modules).catch(() => undefined)
    if (installed !== undefined && existsSync(target) && !isInstalled(target, root))
      await link(installed, join(target, 'node_modules'))
  }
}

async function nearestModules(folder: string): Promise<string | undefined> {
  const found = await realpath(join(folder, 'node_modules')).catch(() => undefined)
  return found ?? (dirname(folder) === folder ? undefined : nearestModules(dirname(folder)))
}

/** Secrets are those of today. */
async function linkSecrets({ root, cwd, project }: Replica, { graph }: Runnable): Promise<void> {
  for (const { resource } of resourcesOf(graph)) {
    if (resource.kind !== 'secret' || resource.from.kind !== 'file') continue
    const path = resolve(cwd, resource.from.path)
    const secret = resolve(project, resource.from.path)
    if (inside(root, path) === undefined || isInstalled(path, root) || !existsSync(secret)) continue
    solidFolder(root, dirname(path), 'remove')
    await link(secret, path)
  }
}

async function link(target: string, path: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return
  await rm(path, { recursive: true, force: true })
  await symlink(target, path)
}
