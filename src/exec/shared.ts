/**
 * One thing per process, also when two copies of the package are loaded in it: the command line brings one, the user's
 * `import 'tutti'` may bring another, and a `sh` of one must find the attempt that the other started.
 */
const PREFIX = 'tutti.exec.v1.'

/** The process's only `name`, made by the first who asks. */
export function shared<T>(name: string, make: () => T): T {
  const holder = globalThis as unknown as Record<symbol, T | undefined> // a global register has no type of its own
  return (holder[Symbol.for(PREFIX + name)] ??= make())
}
