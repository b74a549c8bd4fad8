/** Paths with `/` as graphs and stored values have them, joined without a host: the core and the language know none. */

/** One after the other, an absolute one starting anew; `./a//b/../c` is `a/c`, and nothing at all is `''`. */
export function joinPaths(...paths: readonly string[]): string {
  const start = paths.findLastIndex(path => path.startsWith('/'))
  const parts: string[] = []
  for (const part of paths.slice(Math.max(start, 0)).join('/').split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return (start < 0 ? '' : '/') + parts.join('/')
}
