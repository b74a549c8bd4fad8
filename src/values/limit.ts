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
