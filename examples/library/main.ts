/** Tutti inside a program of your own: no command line, no loader, the same durable runs. */
import { run, task, workflow } from 'tutti'
import { array, number } from 'valibot'

const square = task((numbers: readonly number[]) => numbers.map(each => each * each), { name: 'square' })
const sum = task((numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0), { name: 'sum' })

const sumOfSquares = workflow({ numbers: array(number()) }, ({ numbers }) => sum(square(numbers)))

// With the same `id` and arguments this is the same run: called again, it gives what it gave, and computes nothing.
const result = await run(sumOfSquares, { args: { numbers: [1, 2, 3] }, id: 'sum-of-1-2-3' })

if (result.kind === 'paused') console.log(`${result.run} is waiting`)
else if (result.status === 'succeeded') console.log(`${result.run}: ${result.output}`)
else console.error(`${result.run} ${result.status}: ${result.fault.message}`)
