/** At most `count` of the given jobs at once, in the order of their calls: a tree of 100,000 files opens few of them at a time. */
export function limit(count: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = count
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async job => {
    if (free > 0) free--
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await job()
    } finally {
      leave()
    }
  }
}

/** Lets others have their turn now and then, in long work that is done in this thread: `await` it often. */
export function slices(ms = 10): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < ms) return undefined
    return new Promise(resolve => {
      setImmediate(() => {
        since = performance.now()
        resolve()
      })
    })
  }
}
