/** Waiting that ends when it is no longer wanted. */

/** Also when `signal` aborts first. */
export function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timeout)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timeout = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}

/** When `signal` aborts; `over`: nobody waits any more. */
export function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve()
    const onAbort = (): void => resolve()
    signal.addEventListener('abort', onAbort)
    over.addEventListener('abort', () => signal.removeEventListener('abort', onAbort))
  })
}

/** Waits for `promise`, but no longer than `ms`. */
export async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const over = new AbortController()
  await Promise.race([promise, timer(ms, over.signal)])
  over.abort()
}

export const NEVER = new Promise<never>(() => undefined)
