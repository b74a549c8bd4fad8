/** What `tutti up` tells beside the events of its runs. Kinds and fields are public: `--json` writes them as they are. */
import type { Diagnostic } from '../util/diagnostic.ts'

/** Why a run was begun. `time`: of a source of the kind `time`; `poll`: nobody tells when its sources change. */
export type Because = 'start' | 'changed' | 'loaded' | 'time' | 'poll'

export type UpEvent =
  | {
      readonly kind: 'up.started'
      readonly pid: number
      readonly file: string
      readonly workflow: string
      readonly atMs: number
    }
  /** All is in place: from now on changes are seen. `polled`: folders of which the system does not tell. */
  | { readonly kind: 'up.watching'; readonly files: number; readonly folders: number; readonly polled: number }
  | { readonly kind: 'up.degraded'; readonly cause: string; readonly folder: string; readonly detail: string }
  /** The content of these is another one than the last run saw; absolute paths. */
  | { readonly kind: 'up.changed'; readonly paths: readonly string[]; readonly atMs: number }
  | { readonly kind: 'up.running'; readonly run: string; readonly because: Because; readonly atMs: number }
  /** What the run hangs on has changed again. `cancelled`: it is given up; else the next one begins when it has ended. */
  | { readonly kind: 'up.outdated'; readonly run: string; readonly cancelled: boolean; readonly atMs: number }
  /** `ran`: names of the steps that had to; `status` is that of the run, or `superseded`. */
  | {
      readonly kind: 'up.settled'
      readonly run: string
      readonly because: Because
      readonly status: string
      readonly ran: readonly string[]
      readonly failed: readonly string[]
      readonly ms: number
      readonly atMs: number
    }
  /** The file could not be loaded: the workflow stays as it was until it can. */
  | { readonly kind: 'up.broken'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'up.loaded'; readonly workflow: string }
  | {
      readonly kind: 'up.service'
      readonly name: string
      readonly state: string
      readonly ports: { readonly [name: string]: number }
      readonly detail?: string
    }
  | { readonly kind: 'up.stopping'; readonly why: string }
  /** Services that were stopped, in that order. */
  | { readonly kind: 'up.stopped'; readonly services: readonly string[] }
