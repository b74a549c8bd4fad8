/**
 * The graph that every tool gets: targets in layers of 50, each reading three outputs of the layer before and writing one
 * file, by a command of shell builtins alone, so that what is measured is the tool and not the work. Layer 0 reads one
 * source each. Two things are added for the scenarios: the first target of the last layer reads a source of its own
 * (`leaf`: one dependent), and nine targets in a row follow `cut`, of which the third drops what changed.
 *
 * A target is `{ name, inputs, output, kind }`, with paths relative to the folder.
 */

const WIDTH = 50
/** Found by trying: with it `src/0.txt` has 748 dependents among the first thousand targets. */
const SEED = 4841
const CUT_TARGETS = 9

/** The command of a target, for /bin/sh. */
export function commandOf({ kind, inputs, output }) {
  const [first] = inputs
  if (kind === 'line') return `read a <${first}; printf '%s\\n' "$a" >${output}`
  if (kind === 'word') return `read a b <${first}; printf '%s\\n' "$a" >${output}`
  const names = ['a', 'b', 'c'].slice(0, inputs.length)
  const reads = names.map((name, index) => `read ${name} <${inputs[index]}; `).join('')
  const terms = names.map((name, index) => `${name}*${FACTORS[index]}`).join('+')
  return `${reads}printf '%s\\n' $(((${terms}+11)%1000003)) >${output}`
}
const FACTORS = [31, 17, 7]

/** @typedef {{ name: string, inputs: string[], output: string, kind: 'sum' | 'line' | 'word' }} Target */

/** @returns {{ targets: Target[], sources: string[] }} `count`: a multiple of 50; nine more follow `cut`. */
export function rebuildGraph(count) {
  const layers = count / WIDTH
  if (!Number.isInteger(layers) || layers < 2) throw new Error(`${count} is no multiple of ${WIDTH} from ${2 * WIDTH}`)
  const random = randomOf(SEED)
  const targets = []
  for (let layer = 0; layer < layers; layer++)
    for (let index = 0; index < WIDTH; index++) {
      const inputs =
        layer === 0 ? [`src/${index}.txt`] : threeOf(random).map(before => outputOf(`t${layer - 1}_${before}`))
      targets.push(target(`t${layer}_${index}`, inputs, 'sum'))
    }
  const leaf = targets[count - WIDTH]
  leaf.inputs = [...leaf.inputs.slice(0, 2), 'src/leaf.txt']
  targets.push(...cutTargets())
  const sources = [...new Set(targets.flatMap(({ inputs }) => inputs))].filter(path => path.startsWith('src/'))
  return { targets, sources }
}

/** `cut` -> line -> line -> word, and six that read the word. */
function cutTargets() {
  const chain = [
    target('cut0', ['src/cut.txt'], 'line'),
    target('cut1', [outputOf('cut0')], 'line'),
    target('cut2', [outputOf('cut1')], 'word'),
  ]
  const rest = Array.from({ length: CUT_TARGETS - chain.length }, (_, index) =>
    target(`cut${index + chain.length}`, [outputOf('cut2')], 'line'),
  )
  return [...chain, ...rest]
}

const target = (name, inputs, kind) => ({ name, inputs, output: outputOf(name), kind })
const outputOf = name => `out/${name}`

/** What the source holds in the beginning. */
export const sourceText = path => (path === 'src/cut.txt' ? 'kept dropped0\n' : `${path.length * 97 + digits(path)}\n`)
const digits = path => Number(path.replace(/\D/g, '') || 0)

function threeOf(random) {
  const chosen = new Set()
  while (chosen.size < 3) chosen.add(random() % WIDTH)
  return [...chosen]
}

/** Numerical Recipes' linear congruential generator: the same graph wherever it is made. */
function randomOf(seed) {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 8
  }
}

/** Names of the targets that follow from `source`, directly or not. */
export function dependentsOf({ targets }, source) {
  const changed = new Set([source])
  const names = []
  for (const { name, inputs, output } of targets)
    if (inputs.some(path => changed.has(path))) {
      changed.add(output)
      names.push(name)
    }
  return names
}
