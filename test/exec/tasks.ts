/** The bundle of this folder's tests: each task shows one thing that an executor must get right. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Secret } from '../../src/dsl/resources.ts'
import { ctx } from '../../src/exec/ctx.ts'
import { sh } from '../../src/exec/sh/sh.ts'
import type { Bindings } from '../../src/exec/inline.ts'

class PaymentError extends Error {
  override readonly name = 'PaymentError'
  readonly code = 'CARD_DECLINED'
  readonly amount = 12n
}

const tasks: Readonly<Record<string, (...args: never[]) => unknown>> = {
  identity: (value: unknown) => value,
  add: async (a: number, b: number) => a + b,
  nothing: () => {},
  throwsError: () => {
    throw new PaymentError('no money', { cause: new TypeError('empty', { cause: 'purse' }) })
  },
  throwsMany: () => {
    const circle = new RangeError('round')
    circle.cause = circle
    throw new AggregateError([new PaymentError('first'), circle, 'third'], 'all of them')
  },
  throwsText: () => {
    throw 'plain text'
  },
  rejectsUndefined: () => Promise.reject(undefined),
  unkeepable: () => ({ items: [{ callback: () => 1 }] }),
  prints: async () => {
    console.log('hello %s', 'world')
    console.error('oh')
    console.table([{ a: 1 }])
    ctx().log.info('from', { the: 'log' })
    ctx().log.warn('careful')
    await sh`echo one two`
    await sh.shell`printf 'no line break' >&2`
    await sh`echo silent`.quiet()
  },
  tellsCtx: () => {
    const { run, step, attempt, idempotencyKey, scratch } = ctx()
    writeFileSync(join(scratch, 'x'), 'x')
    ctx().record('rows', { count: 3n, at: new Date(0) })
    return {
      run,
      step,
      attempt,
      idempotencyKey,
      scratch,
      again: ctx().scratch === scratch,
      exists: existsSync(join(scratch, 'x')),
    }
  },
  commandEnv: async () => (await sh`printenv TUTTI_RUN TUTTI_STEP TUTTI_ATTEMPT TUTTI_IDEMPOTENCY_KEY`).lines(),
  neverEnds: () => {
    console.log('started')
    return new Promise(() => {})
  },
  /** Works for longer than its heartbeat, and says so: `how` is what it says it with. */
  isHeard: async (how: 'heartbeat' | 'line' | 'record') => {
    for (let part = 0; part < 8; part += 1) {
      await new Promise(resolve => setTimeout(resolve, 60))
      if (how === 'heartbeat') ctx().heartbeat()
      else if (how === 'line') console.log('working')
      else ctx().record('part', part)
    }
    return 'done'
  },
  listens: async () => {
    console.log('started')
    await new Promise(resolve => ctx().signal.addEventListener('abort', resolve))
    return 'finished in time'
  },
  sleepsInChildren: async () => {
    const script = `trap '' TERM; sleep 60 & echo "pids $$ $!"; wait; wait; sleep 60`
    await sh`sh -c ${script}`.grace('100ms')
  },
  leavesChild: async () => {
    const file = join(ctx().scratch, 'started')
    void sh.shell`echo $$ > ${file}.new; mv ${file}.new ${file}; sleep 60`.run().catch(() => {})
    while (!existsSync(file)) await new Promise(resolve => setTimeout(resolve, 5))
    console.log(`pids ${readFileSync(file, 'utf8').trim()}`)
    return 'done'
  },
  envNames: async () =>
    Object.keys(JSON.parse(await sh`${process.execPath} -p ${'JSON.stringify(process.env)'}`.quiet().text())),
  exits: () => process.exit(7),
  exitsAndCatches: async () => {
    try {
      process.exit(0)
    } catch {
      return 'nothing happened'
    }
  },
  throwsLater: async () => {
    setTimeout(() => {
      throw new Error('too late')
    }, 1)
    await new Promise(resolve => setTimeout(resolve, 200))
    return 'fine'
  },
  throwsAfterReturn: () => {
    setImmediate(() => {
      throw new Error('after the end')
    })
    return process.pid
  },
  forgetsAwait: () => {
    sh`echo forgotten`.env({ A: 1 })
  },
  rejectsUnheard: async () => {
    void Promise.reject(new Error('unheard'))
    await new Promise(resolve => setTimeout(resolve, 200))
    return 'fine'
  },
  usesSecret: async (token: Secret) => {
    const value = token.reveal()
    console.log(`token ${value} and ${token}`)
    console.log(
      `base64 ${Buffer.from(`user:${value}`).toString('base64')} url ${encodeURIComponent(value)} json ${JSON.stringify(value)}`,
    )
    process.stdout.write('')
    ctx().record('token', { [`key ${value}`]: value })
    const command = await sh`printf %s-%s ${token} x`.env({ TOKEN: token })
    await sh.shell`printf '%s' "$TOKEN" | (head -c 5; sleep 0.05; cat)`.env({ TOKEN: token })
    return { length: value.length, given: command.stdout === `${value}-x`, command: command.command }
  },
  returnsSecret: (token: Secret) => ({ inner: [`Bearer ${token.reveal()}`] }),
  returnsHiddenSecret: (token: Secret) => Buffer.concat([Buffer.alloc(10_000), Buffer.from(token.reveal())]),
  throwsSecret: (token: Secret) => {
    throw Object.assign(new Error(`bad token ${token.reveal()}`, { cause: { header: token.reveal() } }), {
      url: `https://x/?t=${encodeURIComponent(token.reveal())}`,
    })
  },
  commandWithSecret: (token: Secret) => sh.shell`echo ${token} >&2; exit 2`,
  busy: (ms: number) => {
    const until = Date.now() + ms
    while (Date.now() < until);
    return 'done'
  },
  aborts: () => process.abort(),
  waitsForKill: async () => {
    console.log(`pid ${process.pid}`)
    await sh.shell`echo "child $$"; sleep 60`
  },
  attemptNumber: () => ctx().attempt,
}

export const bindings: Bindings = {
  task: name => {
    const fn = tasks[name]
    return fn === undefined ? undefined : { fn }
  },
  pure: name =>
    name === 'double'
      ? (x: number) => x * 2
      : name === 'broken'
        ? () => {
            throw new Error('pure')
          }
        : undefined,
}
