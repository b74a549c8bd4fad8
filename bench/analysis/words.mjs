/** What both the benchmark and its parts need. */

/** `--name value` pairs, and the other words. */
export function options(words) {
  const values = {}
  const only = []
  for (let at = 0; at < words.length; at++) {
    if (words[at].startsWith('--')) values[words[at].slice(2)] = words[++at]
    else only.push(words[at])
  }
  return { only, values }
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
