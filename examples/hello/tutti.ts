import { task, workflow } from 'tutti'
import { optional, string } from 'valibot'

const greet = task((name: string) => `Hello, ${name}!`)
const count = task((greeting: string) => ({ greeting, letters: greeting.match(/\p{L}/gu)?.length ?? 0 }))

export const hello = workflow({ name: optional(string(), 'world') }, ({ name }) => {
  const greeting = greet(name)
  return count(greeting)
})
