import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { products } from '../dist/products.mjs'

test('each product has a price', () => {
  assert.deepEqual(products(), [
    { name: 'bread', price: '4.20' },
    { name: 'salt', price: '0.95' },
  ])
})
