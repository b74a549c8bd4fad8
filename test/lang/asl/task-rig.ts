/** What tests of Task states share: a request with nothing random in it, and what became of it in one line. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { World } from '../../../src/lang/asl/scope.ts'
import { StateError } from '../../../src/lang/asl/state-error.ts'
import {
  newPerformer,
  type Performed,
  type PerformerOptions,
  type TaskRequest,
} from '../../../src/lang/asl/task/index.ts'
import { Refusal } from '../../../src/util/diagnostic.ts'

export const REQUEST_ID = '00000000-0000-4000-8000-000000000001'

export const world: World = { now: () => 0, random: () => 0, uuid: () => REQUEST_ID }

export function requestOf(changes: Partial<TaskRequest> = {}): TaskRequest {
  return {
    state: 'Charge',
    resource: 'arn:aws:lambda:us-east-1:111111111111:function:charge',
    argument: { id: 1 },
    retryCount: 0,
    execution: { id: 'run-1', name: 'run-1', input: {}, startTime: '1970-01-01T00:00:00.000Z' },
    enteredId: 2,
    world,
    signal: new AbortController().signal,
    heartbeat: () => {},
    ...changes,
  }
}

/** A folder with these files; none when there are none. */
export function folderWith(files: { readonly [name: string]: string } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-asl-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

export type Came =
  | Performed
  | { readonly error: string | undefined; readonly cause: string | undefined }
  | { readonly refused: string; readonly message: string; readonly hint: string | undefined }

export async function perform(options: Partial<PerformerOptions>, changes: Partial<TaskRequest> = {}): Promise<Came> {
  return cameOf(newPerformer({ bindings: {}, folder: '/', ...options }).perform(requestOf(changes)))
}

export async function cameOf(promise: Promise<Performed>): Promise<Came> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof StateError) return { error: error.error, cause: error.reason }
    if (!(error instanceof Refusal)) throw error
    const [first] = error.diagnostics
    return { refused: first?.code ?? '', message: first?.message ?? '', hint: first?.hint }
  }
}
