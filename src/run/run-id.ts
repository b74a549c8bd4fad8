/** Names of runs: readable, in the order of time, and unique over processes. */
import { randomBytes } from 'node:crypto'
import { refuse } from '../util/diagnostic.ts'

/** `ci-20261123-213455-k3f9`. */
export function newRunId(workflow: string, nowMs: number = Date.now()): string {
  const stem =
    workflow
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .slice(0, 40)
      .replace(/^-+|-+$/g, '') || 'run'
  const time = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stem}-${time}-${randomBytes(4).toString('hex')}`
}

/** An id that a user chose: it stands in file names and on command lines. */
export function checkRunId(id: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) return id
  refuse('BAD_RUN_ID', `${JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id)} cannot be the id of a run`, {
    hint: 'Use up to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
  })
}
