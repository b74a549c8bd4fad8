/** `tutti doctor`, `gc`, `export`, `import`: looking after a store. */
import { once } from 'node:events'
import { createReadStream, createWriteStream, type ReadStream, type WriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { acceptLoss, doctor, exportStore, gc, importStore, recover } from '../../store/index.ts'
import { refuse } from '../../util/diagnostic.ts'
import { durationMs } from '../../util/duration.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { renderDiagnostics } from '../render/diagnostics.ts'
import { counted, showBytes } from '../render/text.ts'
import { announcing } from '../versions/current-file.ts'
import { openNewStore, type StoreFlags, storeFolder, withStore, withStoreIfThere } from '../store.ts'
import { removeReplicas } from '../versions/old-replicas.ts'

export interface DoctorFlags extends StoreFlags {
  /** Folder for what is intact. */
  readonly recover?: string
  readonly acceptLoss?: boolean
}

export async function doctorCommand(io: Io, flags: DoctorFlags): Promise<number> {
  const folder = storeFolder(io, flags)
  if (flags.recover !== undefined) {
    const saved = await recover(folder, flags.recover)
    io.err(`recovered into ${flags.recover}\n`)
    io.out(`${JSON.stringify(saved)}\n`)
    return EXIT.succeeded
  }
  if (flags.acceptLoss) {
    io.err(`the store goes on from event ${await acceptLoss(folder)}\n`)
    return EXIT.succeeded
  }
  const { diagnostics, intactSeq, blobCount } = await doctor(folder)
  if (diagnostics.length > 0) io.err(renderDiagnostics(diagnostics, io.errScreen))
  io.out(`${folder}: ${counted(intactSeq, 'event')} and ${counted(blobCount, 'blob')} are intact\n`)
  return diagnostics.some(each => each.severity === 'error') ? EXIT.refused : EXIT.succeeded
}

export interface GcFlags extends StoreFlags {
  readonly keepRuns?: number
  readonly keepFor?: string
  readonly keepVersions?: number
}

export async function gcCommand(io: Io, flags: GcFlags): Promise<number> {
  const folder = storeFolder(io, flags)
  const endedAfterMs = Date.now() - durationMs(flags.keepFor ?? '30d')
  const freed = await gc(folder, {
    runs: flags.keepRuns ?? 100,
    endedAfterMs,
    ...(flags.keepVersions === undefined ? {} : { versions: flags.keepVersions }),
  })
  const versions = flags.keepVersions === undefined ? [] : [counted(freed.versions, 'version')]
  const removed = (await withStoreIfThere(folder, store => removeReplicas(store, endedAfterMs))) ?? 0
  const replicas = removed === 0 ? [] : [counted(removed, 'replica')]
  const parts = [
    counted(freed.runs.length, 'run'),
    ...versions,
    ...replicas,
    counted(freed.blobs, 'blob'),
    showBytes(freed.bytes),
  ]
  io.out(`freed ${parts.join(', ')}\n`)
  return EXIT.succeeded
}

export const exportCommand = (
  io: Io,
  runs: readonly string[],
  flags: StoreFlags & { readonly output?: string },
): Promise<number> =>
  withStore(io, flags, async store => {
    const target = flags.output === undefined ? undefined : await openOutput(io, flags.output)
    for await (const line of exportStore(store, runs.length > 0 ? { runs } : {})) {
      if (!target) io.out(line)
      else if (!target.write(line)) await once(target, 'drain')
    }
    if (target) {
      target.end()
      await once(target, 'finish')
    }
    return EXIT.succeeded
  })

/** Made when the first line is asked for: readline drops what comes before somebody listens. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
}

async function openOutput(io: Io, path: string): Promise<WriteStream> {
  const target = createWriteStream(resolve(io.cwd, path))
  await once(target, 'open').catch((error: unknown) =>
    refuse('FILE_UNWRITABLE', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'Name a file in a folder that exists.',
    }),
  )
  return target
}

async function openInput(io: Io, path: string): Promise<ReadStream> {
  const source = createReadStream(resolve(io.cwd, path))
  await once(source, 'open').catch((error: unknown) =>
    refuse('FILE_NOT_FOUND', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'Name a file that tutti export wrote, or give it on standard input.',
    }),
  )
  return source
}

export async function importCommand(io: Io, file: string | undefined, flags: StoreFlags): Promise<number> {
  const input = file === undefined || file === '-' ? process.stdin : await openInput(io, file)
  const store = await openNewStore(io, flags, 'tutti.ts')
  try {
    const runs = await importStore(store, linesOf(input))
    for (const run of runs) io.out(`${run}\n`)
    // Of a line that was not there before, a version is current now.
    if (store.versions.lines().length > 0) announcing(store.path, () => undefined)
    return EXIT.succeeded
  } finally {
    await store.close()
  }
}
