import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newHeap } from '../../src/util/heap.ts'

it('gives its items in order, whatever comes, goes and is dropped in between', () => {
  const acts = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constantFrom('pop', 'retain')), { maxLength: 200 })
  fc.assert(
    fc.property(acts, given => {
      const heap = newHeap<number>((a, b) => a < b)
      let model: number[] = []
      for (const act of given) {
        if (act === 'pop') expect(heap.pop()).toBe(model.shift())
        else if (act === 'retain') {
          heap.retain(item => item % 3 !== 0)
          model = model.filter(item => item % 3 !== 0)
        } else {
          heap.push(act)
          model = [...model, act].sort((a, b) => a - b)
        }
        expect([heap.size, heap.first]).toEqual([model.length, model[0]])
      }
    }),
  )
})
