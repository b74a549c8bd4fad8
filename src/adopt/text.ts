/** Text of TypeScript: literals, calls and lists, laid out in lines that are not too long. */

export const WIDTH = 120

export function statement(start: string, value: string, indent = 2): string {
  return `${' '.repeat(indent)}${start} ${value}`
}

/** On one line where that is short enough. */
export function call(name: string, args: readonly string[], indent: number): string {
  const flat = `${name}(${args.join(', ')})`
  if (flat.length + indent + 24 <= WIDTH && !flat.includes('\n')) return flat
  const pad = ' '.repeat(indent + 2)
  if (name === 'files')
    return [
      `${name}(`,
      ...fill(
        args.map(arg => `${arg},`),
        WIDTH - indent - 2,
        ' ',
      ).map(line => pad + line),
      `${' '.repeat(indent)})`,
    ].join('\n')
  return [`${name}(`, ...args.map(arg => `${pad}${arg},`), `${' '.repeat(indent)})`].join('\n')
}

export function list(items: readonly string[], indent: number): string {
  const flat = `[${items.join(', ')}]`
  if (flat.length + indent + 1 <= WIDTH && !flat.includes('\n')) return flat
  const pad = ' '.repeat(indent + 2)
  return [
    '[',
    ...fill(
      items.map(item => `${item},`),
      WIDTH - indent - 2,
      ' ',
    ).map(line => pad + line),
    `${' '.repeat(indent)}]`,
  ].join('\n')
}

/** Words put into lines; what has line breaks of its own stands alone. */
export function fill(words: readonly string[], width: number, gap: string): readonly string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + gap.length + word.length <= width && !last.includes('\n'))
      lines[lines.length - 1] = last + gap + word
    else lines.push(word)
  }
  return lines
}

/** A string of TypeScript, in the quotes that need the fewest backslashes. */
export function literal(text: string): string {
  if (/[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029\ufffd]/.test(text)) return JSON.stringify(text)
  if (text.indexOf('\n') === text.length - 1 && text !== '') return literal(text.slice(0, -1)).replace(/.$/, '\\n$&')
  if (text.includes('\n')) return `\`${text.replaceAll(/[`\\]|\$\{/g, '\\$&')}\``
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t')
  if (!text.includes("'")) return `'${escaped}'`
  return text.includes('"') ? `\`${escaped.replaceAll(/`|\$\{/g, '\\$&')}\`` : `"${escaped}"`
}
