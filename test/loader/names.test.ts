/** Definitions and refs are called what the user calls them. */
import { expect, test } from 'vitest'
import { load } from './rig.ts'

const CASES: readonly (readonly [code: string, names: string])[] = [
  ['export const lint = task(() => 1); export const it = lint', 'lint'],
  ['export let lint = task(() => 1); export { lint as it }', 'lint'],
  ['export default task(() => 1)', 'default'],
  ['const lint = task(() => 1); export default lint', 'lint'],
  ['export const it = (0, { lint: task(() => 1) }).lint', 'lint'],
  ["export const it = { 'a b': task(() => 1) }['a b']", 'a b'],
  ['class Tasks { static lint = task(() => 1) }; export const it = Tasks.lint', 'lint'],
  ['let lint; lint = task(() => 1); export const it = lint', 'lint'],
  ['const o: any = {}; o.lint = task(() => 1); export const it = o.lint', 'lint'],
  ['const lint = Math.max(1) ? task(() => 1) : task(() => 2); export const it = lint', 'lint'],
  ['const lint = (task(() => 1) as any)!; export const it = lint', 'lint'],
  ['const lint = task(() => 1) satisfies unknown; export const it = lint', 'lint'],
  ['const lint = await Promise.resolve(task(() => 1)); export const it = lint', 'lint'],
  ['const tasks = ["a"].map(n => task(() => n)); export const it = tasks[0]', 'tasks'],
  ['const tasks = [task(() => 1)]; export const it = tasks[0]', 'tasks'],
  ['const make = () => { const inner = task(() => 1); return inner }; export const it = make()', 'inner'],
  ['const dist = ref(); export const it = dist', 'dist'],
  ['const w = workflow(() => { const inner = ref(); return inner }); export const it = (w as any)()', 'inner'],
]

test.each(CASES)('%s is %s', async (code, name) => {
  const { exports } = await load(`import { task, ref, workflow } from 'tutti'\n${code}`)
  const value = (exports['it'] ?? exports['default']) as { readonly called?: string }
  expect(value.called).toBe(name)
})

test('functions and classes keep the names that the language gives them', async () => {
  const { exports } = await load(`
    export const arrow = () => 1
    export const cls = class {}
    export default () => 2
    const o = { method: async () => 1, ['computed']: function () {} }
    export const names = [arrow.name, cls.name, o.method.name, o.computed.name, (() => {}).name]
  `)
  expect(exports['names']).toEqual(['arrow', 'cls', 'method', 'computed', ''])
  expect((exports['default'] as () => number).name).toBe('default')
})

test('a nameless default function is called default, too, and is hoisted', async () => {
  const { exports } = await load({
    'tutti.ts': `import fn from './other.ts'\nexport const name = fn.name + fn()`,
    'other.ts': 'export default function () { return 1 }',
  })
  expect(exports['name']).toBe('default1')
})
