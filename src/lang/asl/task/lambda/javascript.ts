/**
 * A JavaScript handler, in this process: an ES module or CommonJS, async or with a callback, as AWS's Node.js runtime calls
 * it, and errors as it writes them.
 */
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { types } from 'node:util'
import { Refusal, refuse } from '../../../../util/diagnostic.ts'
import { StateError } from '../../state-error.ts'
import type { LambdaBinding } from '../binding.ts'
import { failed, type Invocation, type Invoked, timedOut } from './invoked.ts'

type Handler = (event: unknown, context: object, callback: Callback) => unknown
type Callback = (error: unknown, result?: unknown) => void

export async function invokeFile(binding: LambdaBinding, file: string, invocation: Invocation): Promise<Invoked> {
  const handler = await handlerIn(binding, file)
  return invokeHandler(handler, invocation)
}

/** More than this a timer of Node.js cannot hold. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** What it throws is told as the runtime tells it, but for errors that the state machine knows by name. */
export async function invokeHandler(handler: Handler, invocation: Invocation): Promise<Invoked> {
  const { timeoutSeconds } = invocation
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Invoked>(resolve => {
    // Nobody waits for it once the attempt is over, however long the handler goes on.
    timer = setTimeout(() => resolve(timedOut(invocation)), Math.min(timeoutSeconds * 1_000, TIMER_MS_MAX)).unref()
  })
  try {
    return await Promise.race([called(handler, invocation), late])
  } finally {
    clearTimeout(timer)
  }
}

async function called(handler: Handler, invocation: Invocation): Promise<Invoked> {
  try {
    const event: unknown = JSON.parse(invocation.payload)
    return returned(await resultOf(handler, event, contextOf(invocation)))
  } catch (error) {
    if (error instanceof Refusal || error instanceof StateError) throw error
    return failed(describe(error, invocation))
  }
}

/** A promise is waited for; else a handler that takes a callback is to call it. Without either there is no result. */
function resultOf(handler: Handler, event: unknown, context: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => {
      if (error === undefined || error === null) resolve(result)
      else reject(error)
    }
    const given = handler(event, context, callback)
    if (types.isPromise(given) || isThenable(given)) resolve(given)
    else if (handler.length < 3) resolve(null)
  })
}

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { readonly then?: unknown }).then === 'function'

function returned(value: unknown): Invoked {
  try {
    return { kind: 'returned', body: JSON.stringify(value === undefined ? null : value) ?? 'null' }
  } catch {
    throw new Error('Unable to stringify response body')
  }
}

function describe(
  error: unknown,
  { folder }: Invocation,
): {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: readonly string[]
} {
  if (error instanceof Error || types.isNativeError(error))
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: traceOf(error.stack ?? '', folder),
    }
  return { errorType: typeof error, errorMessage: String(error), trace: [] }
}

/** Whose frames are not the user's. */
const OURS = import.meta.url

/** The user's own frames, his folder under the name that AWS gives it: the same on every machine. */
function traceOf(stack: string, folder: string | undefined): readonly string[] {
  const lines = stack.split('\n')
  const end = lines.findIndex(line => line.includes(OURS) || line.includes(fileURLToPath(OURS)))
  const own = end < 0 ? lines : lines.slice(0, end)
  return own.map(line => {
    const plain = line.replace(/\?at=[\d.]+/, '')
    return folder === undefined ? plain : plain.replaceAll(`${folder}/`, '/var/task/')
  })
}

function contextOf({ functionName, arn, requestId, timeoutSeconds, memoryMb, nowMs }: Invocation): object {
  const endMs = performance.now() + timeoutSeconds * 1_000
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '/')
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: String(memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `${day}/[$LATEST]${requestId.replaceAll('-', '')}`,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endMs - performance.now())),
  }
}

async function handlerIn({ handler = 'handler', env }: LambdaBinding, file: string): Promise<Handler> {
  if (env !== undefined)
    refuse('ASL_BINDING_BAD', `${file} runs in this process, which has one environment: it takes no env of its own`, {
      hint: `Set it for all: ${Object.keys(env)[0] ?? 'NAME'}=… tutti run …; or bind { command: 'node …', env }.`,
    })
  const exports = await load(file)
  const found = handler.split('.').reduce(pick, exports as unknown) ?? pick(pick(exports, 'default'), handler)
  if (typeof found === 'function') return found as Handler
  const names = Object.keys(exports)
    .filter(name => typeof pick(exports, name) === 'function')
    .sort()
  refuse('ASL_HANDLER_MISSING', `${file} exports no function ${JSON.stringify(handler)}`, {
    hint:
      names.length > 0 ? `It exports ${names.join(', ')}: bind { lambda: …, handler: '${names[0]}' }.` : 'Export it.',
  })
}

const pick = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as { readonly [key: string]: unknown })[name] : undefined

/** Anew when the file has changed: a process that stays may run many versions of it. */
async function load(file: string): Promise<object> {
  if (!existsSync(file)) {
    refuse('ASL_HANDLER_MISSING', `There is no file ${file}`, {
      hint: 'The path of a lambda is relative to the folder of the binding file.',
    })
  }
  const { mtimeMs } = statSync(file)
  try {
    return (await import(`${pathToFileURL(file).href}?at=${mtimeMs}`)) as object
  } catch (error) {
    refuse(
      'ASL_HANDLER_BROKEN',
      `${file} could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
      isTypeScriptUnread(error) ? { hint: 'Import it in a binding file in TypeScript, and bind the function.' } : {},
    )
  }
}

/** Node.js before 22.18. */
const isTypeScriptUnread = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_FILE_EXTENSION'
