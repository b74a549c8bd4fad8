/** What stands for work in the patterns: each letter is one effect. */
import { effect } from 'tutti'

export const a = effect(() => 'A', { name: 'A' })
export const b = effect(() => 'B', { name: 'B' })
export const b1 = effect(() => 'B1', { name: 'B1' })
export const b2 = effect(() => 'B2', { name: 'B2' })
export const c = effect(() => 'C', { name: 'C' })
export const c1 = effect(() => 'C1', { name: 'C1' })
export const c2 = effect(() => 'C2', { name: 'C2' })
export const d = effect(() => 'D', { name: 'D' })
export const e = effect(() => 'E', { name: 'E' })
export const f = effect(() => 'F', { name: 'F' })
export const r = effect(() => 'R', { name: 'R' })

/** For letters that decide what comes next. */
export const toss = (): boolean => Math.random() < 0.5
