/** Signals that come too early: patterns 23, 24. */
import { signal, workflow } from 'tutti'
import { a, b } from './letters.ts'

const heard = signal(undefined, { name: 'heard', early: 'transient' })
const kept = signal(undefined, { name: 'kept' })

/** 23: one that comes when nobody waits is lost. */
export const transientTrigger = workflow(() => {
  const come = heard.wait().after(a())
  b().after(come)
})

/** 24: one that comes when nobody waits is kept for who will. */
export const persistentTrigger = workflow(() => {
  const come = kept.wait().after(a())
  b().after(come)
})
