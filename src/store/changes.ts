/** Tells who waits that the log has grown: at once for our own commits, by looking now and then for other processes'. */

/** How late another process's events are seen. A look is one indexed query, about 5 µs. */
const LOOK_MS = 25

interface Waiter {
  readonly seq: number
  readonly resolve: () => void
  /** An observer may use one signal for a million waits: it must not keep a listener of each. */
  readonly unlisten: () => void
}

export interface Changes {
  changed(seq: number, signal?: AbortSignal): Promise<void>
  notify(): void
  /** Lets all go on. */
  close(): void
}

export function watchChanges(head: () => number): Changes {
  const waiters = new Set<Waiter>()
  let timer: NodeJS.Timeout | undefined
  const finish = (done: readonly Waiter[]): void => {
    for (const waiter of done) {
      waiters.delete(waiter)
      waiter.unlisten()
      waiter.resolve()
    }
    if (waiters.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const notify = (): void => {
    if (waiters.size === 0) return
    try {
      const seq = head()
      finish([...waiters].filter(waiter => waiter.seq < seq))
    } catch {
      // The store cannot be read: who waits goes on, reads, and is told why.
      finish([...waiters])
    }
  }
  return {
    changed: (seq, signal) =>
      new Promise(resolve => {
        if (signal?.aborted || head() > seq) return resolve()
        const onAbort = (): void => finish([waiter])
        const waiter = { seq, resolve, unlisten: () => signal?.removeEventListener('abort', onAbort) }
        waiters.add(waiter)
        timer ??= setInterval(notify, LOOK_MS)
        signal?.addEventListener('abort', onAbort)
      }),
    notify,
    close: () => finish([...waiters]),
  }
}
