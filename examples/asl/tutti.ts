/** A state machine is a step like all others: here an order is read from a file, run through it, and reported. */
import { file, task, workflow, type FileHandle } from 'tutti'
import { asl } from 'tutti/lang/asl'
import bindings from './order.bind.ts'
import definition from './order.asl.json' with { type: 'json' }

interface Order {
  readonly id: number
  readonly items: readonly { readonly sku: string; readonly count?: number }[]
  readonly card: string
}

/** What it gives is whatever its last state gives. */
const order = asl<Order>(definition, bindings, { name: 'order' })

const readOrder = task(async (source: FileHandle) => (await source.json()) as Order)
const report = task((result: unknown) => `shipped: ${JSON.stringify(result)}`)

export const fromFile = workflow(() => report(order(readOrder(file('order.json')))))
