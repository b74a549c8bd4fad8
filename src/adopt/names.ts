/** Names of variables for files: as short as they can be told apart. */

const RESERVED = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static ' +
    'super switch this throw true try typeof var void while with yield arguments eval undefined ' +
    'file files output secret sh task workflow rm mkdir writeFile run runAll write perform build Input Place Commands process'
  ).split(' '),
)

export interface Names {
  /** A name that nobody has yet. */
  of(path: string): string
}

export function newNames(): Names {
  const taken = new Set<string>()
  return {
    of: path => {
      const name = candidates(path).find(each => !taken.has(each) && !RESERVED.has(each)) ?? numbered(path, taken)
      taken.add(name)
      return name
    },
  }
}

/** `foo_o`, `lib_foo_o`, `src_lib_foo_o`. */
function candidates(path: string): readonly string[] {
  const parts = path.split('/').filter(part => part !== '' && part !== '..')
  return parts.map((_, index) => identifier(parts.slice(parts.length - 1 - index).join('_')))
}

function numbered(path: string, taken: ReadonlySet<string>): string {
  const base = candidates(path).at(-1) ?? 'step'
  for (let number = 2; ; number++) if (!taken.has(`${base}_${number}`)) return `${base}_${number}`
}

function identifier(text: string): string {
  const plain = text.replaceAll(/[^A-Za-z0-9_$]+/g, '_').replace(/^_+(?=.)/, '')
  return /^\d/.test(plain) || plain === '' ? `_${plain}` : plain
}
