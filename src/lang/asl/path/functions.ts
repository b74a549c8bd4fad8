/** The functions that a path can end with (https://github.com/json-path/JsonPath#functions). */
import type { Json } from '../../../util/json.ts'
import type { FunctionName } from './syntax.ts'

/** `undefined`: the function has no value for this, such as the least of no numbers. */
export function callFunction(name: FunctionName, node: Json, inputs: readonly Json[]): Json | undefined {
  switch (name) {
    case 'min':
      return ofNumbers(node, inputs, all => all.reduce((least, each) => Math.min(least, each)))
    case 'max':
      return ofNumbers(node, inputs, all => all.reduce((most, each) => Math.max(most, each)))
    case 'sum':
      return ofNumbers(node, inputs, sum)
    case 'avg':
      return ofNumbers(node, inputs, mean)
    case 'stddev':
      return ofNumbers(node, inputs, all => Math.sqrt(Math.max(0, mean(all.map(each => each * each)) - mean(all) ** 2)))
    case 'length':
    case 'size':
      return lengthOf(inputs[0] ?? node)
    case 'keys':
      return typeof node === 'object' && node !== null && !Array.isArray(node) ? Object.keys(node) : null
    case 'concat':
      return [...listOf(node).filter(each => typeof each === 'string'), ...inputs.flatMap(textsOf)].join('')
    case 'append':
      return Array.isArray(node) ? [...(node as readonly Json[]), ...inputs] : node
    case 'first':
      return listOf(node)[0]
    case 'last':
      return listOf(node).at(-1)
    case 'index':
      return typeof inputs[0] === 'number' ? listOf(node).at(inputs[0]) : undefined
  }
}

const listOf = (node: Json): readonly Json[] => (Array.isArray(node) ? node : [])

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)
const mean = (all: readonly number[]): number => sum(all) / all.length

function ofNumbers(node: Json, inputs: readonly Json[], compute: (all: readonly number[]) => number) {
  const all = [...listOf(node), ...inputs.flat()].filter(each => typeof each === 'number')
  return all.length === 0 ? undefined : compute(all)
}

function lengthOf(node: Json): Json {
  if (Array.isArray(node)) return node.length
  return typeof node === 'object' && node !== null ? Object.keys(node).length : null
}

const textsOf = (input: Json): readonly string[] =>
  (Array.isArray(input) ? (input as readonly Json[]) : [input]).filter(each => each !== null).map(String)
