/**
 * sh`npm publish ${dist} --tag ${channel}`: a command as it is typed, without a shell and its traps. Every value is one
 * word (a list: many), output goes to the step line by line, and nothing of the command outlives its attempt.
 *
 *   H1. A command starts once, when it is awaited or by `.run()`; its options are set before, each giving a new command.
 *   H2. What `sh` cannot do without a shell is refused where it is written; `sh.shell` does it, with values as safe.
 */
import { currentSite } from '../../dsl/hooks.ts'
import type { Secret } from '../../dsl/resources.ts'
import { type Position, Refusal } from '../../util/diagnostic.ts'
import { type Duration, durationMs } from '../../util/duration.ts'
import { type Current, currentAttempt, outside } from '../current.ts'
import { redact } from '../secrets/vault.ts'
import { callerPosition } from './caller.ts'
import { DEFAULTS, execute, type Options, type Prepared, type ShResult, type Written } from './execute.ts'
import { buildScript, quotePiece } from './script.ts'
import { wordsOf } from './value.ts'
import { splitWords, type Value } from './words.ts'

export type EnvValue = string | number | boolean | Secret | undefined

/** How a command that was not awaited is told to who runs it in another way; a symbol, as two copies of us may meet. */
export const WRITTEN = Symbol.for('tutti.sh')

/** A command that has not started yet. Awaiting it starts it. */
export class ShCommand implements PromiseLike<ShResult> {
  readonly #prepared: Prepared
  readonly #options: Options
  /** Takes back the warning that it was never started. */
  readonly #started: () => void
  #running: Promise<ShResult> | undefined

  constructor(prepared: Prepared, options: Options = DEFAULTS) {
    this.#prepared = prepared
    this.#options = options
    this.#started = warnUnlessStarted(prepared.shown, currentAttempt())
  }

  /** Adds variables; `undefined` takes one away. A secret is revealed to the command alone. */
  env(variables: { readonly [name: string]: EnvValue }): ShCommand {
    const added = Object.entries(variables).map(
      ([name, value]) =>
        [name, typeof value === 'object' ? value.reveal() : value === undefined ? undefined : String(value)] as const,
    )
    return this.#with({ env: { ...this.#options.env, ...Object.fromEntries(added) } })
  }

  /** Relative to the folder of the file. */
  cwd(folder: string | { readonly path: string }): ShCommand {
    return this.#with({ cwd: typeof folder === 'string' ? folder : folder.path })
  }

  /** Its output is in the result and in no log. */
  quiet(): ShCommand {
    return this.#with({ output: 'quiet' })
  }

  /** Stops it after `duration`. `graceful`: how long it has between SIGTERM and SIGKILL, 5s unless given. */
  timeout(duration: Duration, graceful?: Duration): ShCommand {
    return this.#with({
      timeoutMs: durationMs(duration),
      ...(graceful === undefined ? {} : { graceMs: durationMs(graceful) }),
    })
  }

  /** Time between SIGTERM and SIGKILL when it is stopped. */
  grace(duration: Duration): ShCommand {
    return this.#with({ graceMs: durationMs(duration) })
  }

  input(data: string | Uint8Array): ShCommand {
    return this.#with({ input: data })
  }

  /** A failing exit code is a result, not an error. */
  nothrow(): ShCommand {
    return this.#with({ onFailure: 'return' })
  }

  run(): Promise<ShResult> {
    this.#started()
    this.#running ??= execute(this.#prepared, this.#options, currentAttempt())
    return this.#running
  }

  async text(): Promise<string> {
    return (await this.run()).stdout
  }

  async lines(): Promise<readonly string[]> {
    return (await this.run()).lines()
  }

  /** Stdout as JSON: check it with a validator. */
  async json(): Promise<unknown> {
    return JSON.parse((await this.run()).stdout)
  }

  then<A = ShResult, B = never>(
    onDone?: ((result: ShResult) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.run().then(onDone, onError)
  }

  catch<B>(onError: (error: unknown) => B | PromiseLike<B>): Promise<ShResult | B> {
    return this.run().catch(onError)
  }

  finally(onEnd: () => void): Promise<ShResult> {
    return this.run().finally(onEnd)
  }

  /** What was written, for who runs it in another way: a service. It counts as started. */
  [WRITTEN](): Written {
    this.#started()
    return { prepared: this.#prepared, options: this.#options }
  }

  toString(): string {
    return this.#prepared.shown
  }

  #with(changes: Partial<Options>): ShCommand {
    this.#started()
    return new ShCommand(this.#prepared, { ...this.#options, ...changes })
  }
}

/** A forgotten `await` would otherwise be a command that silently never runs. */
function warnUnlessStarted(shown: string, current: Current | undefined): () => void {
  if (current === undefined) return () => {}
  const warn = () =>
    outside(() => current.reports.line('log', `warning: ${redact(shown)} was never awaited, so it did not run`))
  current.closers.add(warn)
  return () => current.closers.delete(warn)
}

/** A command without a shell. Refuses with SH_BAD_VALUE, SH_SHELL_SYNTAX, SH_EMPTY, at the place of the template. */
export function sh(parts: TemplateStringsArray, ...values: readonly unknown[]): ShCommand {
  const split = splitWords(parts.raw, checkValues(parts, values))
  if (split.kind === 'problem')
    refuseAt('SH_SHELL_SYNTAX', `In sh\`${excerpt(parts)}\` ${split.problem.why}`, split.problem.hint)
  const [file, ...args] = split.words
  if (file === undefined || file.text === '')
    refuseAt('SH_EMPTY', 'sh`…` has no command to run', 'Write the name of a program first.')
  return new ShCommand({
    file: file.text,
    args: args.map(word => word.text),
    shown: split.words.map(quotePiece).join(' '),
  })
}

/** A script for /bin/sh. Values are as safe as in `sh`: each is one word, whatever it contains. */
sh.shell = (parts: TemplateStringsArray, ...values: readonly unknown[]): ShCommand => {
  const script = buildScript(parts.raw, checkValues(parts, values))
  if (script.shown === '') refuseAt('SH_EMPTY', 'sh.shell`…` has no command to run', 'Write a script.')
  return new ShCommand({ file: '/bin/sh', args: ['-c', script.text, 'sh', ...script.args], shown: script.shown })
}

function checkValues(parts: TemplateStringsArray, values: readonly unknown[]): readonly Value[] {
  const checked: Value[] = []
  for (const value of values) {
    const words = wordsOf(value)
    if (words.kind === 'bad')
      refuseAt(
        'SH_BAD_VALUE',
        `Value ${checked.length + 1} of sh\`${excerpt(parts)}\` is ${words.what}, which is no word of a command`,
        words.hint,
      )
    checked.push(words.value)
  }
  return checked
}

/** Only on this way out: finding the caller costs a stack trace. */
function refuseAt(code: string, message: string, hint: string): never {
  const at: Position | undefined = currentSite()?.at ?? callerPosition()
  throw new Refusal({ code, severity: 'error', message, hint, ...(at === undefined ? {} : { at }) })
}

function excerpt(parts: TemplateStringsArray): string {
  const text = parts.raw.join('${…}').trim()
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
