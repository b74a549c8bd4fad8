/** All projects as one graph. Each also runs by itself: `tutti run api`. */
import { workflow } from 'tutti'
import { api } from './api/tutti.ts'
import { web } from './web/tutti.ts'

export const all = workflow(() => ({ tested: api().tested, page: web() }))
