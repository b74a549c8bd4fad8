/** State machines as nets: each of our own cases, by the shape of what it is compiled to. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkGraph, finish, newBudget } from '../../../src/analysis/index.ts'
import { type Node, regionsOf, type Region, validateGraph } from '../../../src/core/index.ts'
import { bindMachine } from '../../../src/lang/asl/bind.ts'
import type { Machine } from '../../../src/lang/asl/machine.ts'
import { validateDefinition } from '../../../src/lang/asl/validate/validate.ts'

type Net = Extract<Node, { kind: 'net' }>

const folder = new URL('cases/', import.meta.url)
const machines = readdirSync(folder).flatMap(name => {
  const { definition, type } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
    readonly definition?: unknown
    readonly type?: 'STANDARD' | 'EXPRESS'
  }
  const valid = validateDefinition(definition, type ? { type } : {})
  return valid.ok ? [[name, valid.value] as const] : []
})

const graphOf = (machine: Machine) => bindMachine({ machine }, { name: 'machine' }).graph

function netsIn({ nodes }: Region): readonly Net[] {
  return nodes.flatMap(node => [
    ...(node.kind === 'net' ? [node] : []),
    ...regionsOf(node).flatMap(([, region]) => netsIn(region)),
  ])
}

test('there are machines of every kind', () => {
  expect(machines.length).toBeGreaterThan(100)
})

describe.each(machines)('%s', (_, machine) => {
  const graph = graphOf(machine)

  test('C1: one token, which every firing takes from one place and puts into one', () => {
    for (const net of netsIn(graph.root)) {
      expect(net.start).toHaveLength(1)
      for (const { consumes, produces } of net.transitions) expect([consumes.length, produces.length]).toEqual([1, 1])
    }
  })

  test('C2: what leads to the end comes by #ended, and is chosen, so that its output is kept first', () => {
    for (const net of netsIn(graph.root)) {
      const last = net.transitions.filter(({ produces }) => produces.includes(net.end))
      expect(last.map(({ id, consumes }) => [id, consumes])).toEqual([['#end', ['#ended']]])
      expect(last[0]?.guard).toBeDefined()
    }
  })

  test('its graph is valid, and sound', () => {
    expect(validateGraph(graph)).toEqual([])
    expect(finish(checkGraph(graph, newBudget({ ms: 5_000 }))).soundness.kind).toBe('sound')
  })
})
