/** A state machine is a step like all others: here an order is read from a file, run through it, and reported. */
import { file, task, workflow, type FileHandle } from 'tutti'
import { asl } from 'tutti/lang/asl'
import bindings from './order.bind.ts'
import definition from './order.asl.json' with { type: 'json' }

const order = asl(definition, bindings, { name: 'order' })

const readOrder = task((source: FileHandle) => source.json())
const report = task((result: unknown) => `shipped: ${JSON.stringify(result)}`)

export const fromFile = workflow(() => report(order(readOrder(file('order.json')))))
