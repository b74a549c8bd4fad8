/**
 * Dependency files: the make rules that compilers write beside their output (`gcc -MD`, and what follows it). Not make's
 * language: names, a colon, names, in the quoting of compilers, which is not quite make's. What it means in odd cases is
 * as ninja has it.
 *
 *   S8. Never throws: any text has some names in it.
 */

/**
 * In turn: a line that goes on, a line's end, blanks, a name. In a name a backslash before a blank makes it a part of the
 * name, when an odd number of them stands there; the last backslash of a line is none of the name's.
 */
const TOKEN = /\\\r?\n|(\r?\n)|[ \t\r]+|((?:(?<!\\)\\(?:\\\\)*[ \t]|\\(?!\r?\n)|[^\s\\])+)/g

/** The prerequisites of all rules, in order, without doubles. */
export function depfileInputs(text: string): readonly string[] {
  const inputs = new Set<string>()
  let place: 'targets' | 'prerequisites' = 'targets'
  for (const [, lineEnd, name] of text.matchAll(TOKEN)) {
    if (lineEnd !== undefined) place = 'targets'
    else if (name === undefined) continue
    else if (place === 'prerequisites') inputs.add(unquoted(name))
    // Within a name it is one of the name's (`c:\x.h`).
    else if (name.endsWith(':')) place = 'prerequisites'
  }
  return [...inputs]
}

const unquoted = (name: string): string =>
  name
    .replace(/\\(\\*)([ \t])/g, (_, slashes: string, blank: string) => slashes.slice(slashes.length / 2) + blank)
    .replace(/\\([#:[\]%*])/g, '$1')
    .replaceAll('$$', '$')
