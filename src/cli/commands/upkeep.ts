/** `tutti doctor`, `gc`, `export`, `import`: looking after a store. */
import { createReadStream, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { acceptLoss, doctor, exportStore, gc, importStore, recover } from '../../store/index.ts'
import { durationMs } from '../../util/duration.ts'
import { EXIT } from '../exit.ts'
import type { Io } from '../io.ts'
import { renderDiagnostics } from '../render/diagnostics.ts'
import { counted, showBytes } from '../render/text.ts'
import { openNewStore, type StoreFlags, storeFolder, withStore } from '../store.ts'

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
}

export async function gcCommand(io: Io, flags: GcFlags): Promise<number> {
  const freed = await gc(storeFolder(io, flags), {
    runs: flags.keepRuns ?? 100,
    endedAfterMs: Date.now() - durationMs(flags.keepFor ?? '30d'),
  })
  io.out(`freed ${counted(freed.runs.length, 'run')}, ${counted(freed.blobs, 'blob')}, ${showBytes(freed.bytes)}\n`)
  return EXIT.succeeded
}

export const exportCommand = (io: Io, runs: readonly string[], flags: StoreFlags & { readonly output?: string }): Promise<number> =>
  withStore(io, flags, async store => {
    const target = flags.output === undefined ? undefined : createWriteStream(flags.output)
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

export async function importCommand(io: Io, file: string | undefined, flags: StoreFlags): Promise<number> {
  const store = await openNewStore(io, flags, 'tutti.ts')
  try {
    const input = file === undefined || file === '-' ? process.stdin : createReadStream(file)
    const runs = await importStore(store, createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
    for (const run of runs) io.out(`${run}\n`)
    return EXIT.succeeded
  } finally {
    await store.close()
  }
}
