/**
 * Random small programs of a few modules, made to come by state in every way that a module can, and random edits of them.
 * A program may fail when it is loaded; then it tells nothing.
 */
import type { Dice } from '../core/dice.ts'

/** The statements of each module, by its file name. */
export type Program = Readonly<Record<string, readonly string[]>>

const MODULES = ['p.ts', 'q.ts', 'tutti.ts']
const VALUES = ['a', 'b', 'c', 'd']
const FUNCTIONS = ['f', 'g', 'h']
const TASKS = ['t1', 't2', 't3', 't4', 't5']

/** What a module has declared so far. */
interface Scope {
  readonly values: string[]
  /** Of the values and functions, what it exports. */
  readonly exported: string[]
  readonly functions: string[]
  readonly tasks: string[]
}

export function programOf(dice: Dice): Program {
  const program: Record<string, readonly string[]> = {}
  const scopes: Record<string, Scope> = {}
  for (const [index, name] of MODULES.entries()) {
    const scope: Scope = { values: [], exported: [], functions: [], tasks: [] }
    const lines: string[] = []
    for (const from of MODULES.slice(0, index)) lines.push(...importsOf(dice, from, scopes[from]!, scope))
    const count = 3 + dice.roll(5)
    for (let each = 0; each < count; each++) lines.push(statementOf(dice, scope))
    if (name === 'tutti.ts') for (const task of TASKS) lines.push(taskOf(dice, scope, task))
    scopes[name] = scope
    program[name] = lines
  }
  return program
}

/** Another program that differs in one place. */
export function editOf(dice: Dice, program: Program): Program {
  const name = dice.pick(Object.keys(program))
  const lines = [...program[name]!]
  if (lines.length === 0) return program
  const at = dice.roll(lines.length)
  switch (dice.roll(6)) {
    case 0:
      lines.splice(at, 1)
      break
    case 1:
      lines.splice(at, 0, lines[dice.roll(lines.length)]!)
      break
    case 2: {
      const [line = ''] = lines.splice(at, 1)
      lines.splice(dice.roll(lines.length + 1), 0, line)
      break
    }
    case 3:
      lines[at] = swapped(dice, lines[at]!, VALUES)
      break
    case 4:
      lines[at] = swapped(dice, lines[at]!, FUNCTIONS)
      break
    default:
      lines[at] = lines[at]!.replace(/\b\d\b/g, digit => (dice.roll(2) === 0 ? digit : String(dice.roll(4))))
  }
  return { ...program, [name]: lines }
}

export const filesOf = (program: Program): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(program).map(([name, lines]) => [
      name,
      `import { task } from 'tutti'\n${lines.join('\n;')}\nexport {}`,
    ]),
  )

function swapped(dice: Dice, line: string, names: readonly string[]): string {
  const [one, two] = [dice.pick(names), dice.pick(names)]
  return line.replace(new RegExp(`\\b${one}\\b`, 'g'), two)
}

function importsOf(dice: Dice, from: string, there: Scope, here: Scope): readonly string[] {
  switch (dice.roll(6)) {
    case 0:
      return [`import './${from}'`]
    case 1:
      return []
    case 2:
      here.values.push('n')
      return [`import * as n from './${from}'`]
    case 3: {
      const value = there.exported[0]
      if (value !== undefined && !here.values.includes('r')) {
        here.values.push('r')
        return [`import { ${value} as r } from './${from}'`, `export { ${value} as ${value}2 } from './${from}'`]
      }
      return [`export * from './${from}'`]
    }
    default: {
      const values = there.exported.filter(
        name => VALUES.includes(name) && !here.values.includes(name) && dice.roll(2) === 0,
      )
      const functions = there.exported.filter(
        name => FUNCTIONS.includes(name) && !here.functions.includes(name) && dice.roll(2) === 0,
      )
      here.values.push(...values)
      here.functions.push(...functions)
      const names = [...values, ...functions]
      return names.length > 0 ? [`import { ${names.join(', ')} } from './${from}'`] : []
    }
  }
}

function statementOf(dice: Dice, scope: Scope): string {
  const value = VALUES.find(name => !scope.values.includes(name))
  const fn = FUNCTIONS.find(name => !scope.functions.includes(name))
  const kind = dice.roll(10)
  if (kind < 4 && value !== undefined) return declarationOf(dice, scope, value)
  if (kind < 6 && fn !== undefined) return functionOf(dice, scope, fn)
  return effectOf(dice, scope)
}

function declarationOf(dice: Dice, scope: Scope, name: string): string {
  const text = ((): string => {
    switch (dice.roll(15)) {
      case 0:
        return `export let ${name}: any = ${expression(dice, scope)}`
      case 1:
        return `export const { k: ${name} = ${expression(dice, scope)} } = ${object(dice, scope)}`
      case 2:
        return `export const [${name}] = [${expression(dice, scope)}]`
      case 3:
        return `export class ${name} { static k: any = ${expression(dice, scope)}; static #p = ${expression(dice, scope)}; static get m(): any { return this.#p } }`
      case 4:
        return `export enum ${name} { k = ${dice.roll(4)}, m = ${dice.roll(4)} }`
      case 5:
        return `export const ${name}: any = process.env.TUTTI_TEST_P`
      case 6:
        return `export const ${name}: any = { get k() { return ${expression(dice, scope)} }, m: ${expression(dice, scope)} }`
      case 7:
        return `export const ${name}: any = [${expression(dice, scope)}].map((x: any) => [x, ${expression(dice, scope)}])`
      case 8:
        return `export const ${name}: any = ${expression(dice, scope)}`
      case 9:
        return `export class ${name} { static k: any; static { this.k = ${expression(dice, scope)} } get m() { return ${expression(dice, scope)} } }`
      case 10: {
        const other = scope.values.length > 0 ? dice.pick(scope.values) : '{}'
        return `export const ${name}: any = { get k() { try { Object(${other}).m = ${expression(dice, scope)} } catch {} return 1 } }`
      }
      case 11:
        return `export const ${name}: any = new (class { k = ${expression(dice, scope)}; m = 1 })()`
      case 12:
        return `export const ${name}: any = new Map([['k', ${expression(dice, scope)}]])`
      default:
        return `export const ${name}: any = ${object(dice, scope)}`
    }
  })()
  scope.values.push(name)
  scope.exported.push(name)
  return text
}

function functionOf(dice: Dice, scope: Scope, name: string): string {
  const inner: Scope = { ...scope, values: [...scope.values, 'x'] }
  const body = dice.roll(3) === 0 ? '' : `${effectOf(dice, inner)}; `
  const text =
    dice.roll(2) === 0
      ? `export function ${name}(x: any = ${expression(dice, scope)}): any { ${body}return ${expression(dice, inner)} }`
      : `export const ${name} = (x: any): any => { ${body}return ${expression(dice, inner)} }`
  scope.functions.push(name)
  scope.exported.push(name)
  return text
}

/** Most of them pass over what cannot be done; else few programs could be loaded. */
function effectOf(dice: Dice, scope: Scope): string {
  const text = rawEffectOf(dice, scope)
  return dice.roll(4) > 0 ? `try { ${text} } catch {}` : text
}

function rawEffectOf(dice: Dice, scope: Scope): string {
  if (scope.values.length === 0) return ';'
  const name = dice.pick(scope.values)
  const value = expression(dice, scope)
  switch (dice.roll(17)) {
    case 0:
      return `${name}.k = ${value}`
    case 1:
      return `${name}?.l?.push?.(${value})`
    case 2:
      return `Object.assign(${name}, { k: ${value} })`
    case 3:
      return `if (${expression(dice, scope)}) ${name}.m = ${value}`
    case 4:
      return `{ const t: any = ${name}; t.k = ${value} }`
    case 5:
      return `for (const x of [${value}, 1]) ${name}.k = x`
    case 6:
      return `;[${value}].forEach((x: any) => { ${name}.m = x })`
    case 7:
      return `delete ${name}.k`
    case 8:
      return `;({ k: ${name}.m } = ${object(dice, scope)})`
    case 9:
      return `try { ${name}.k += ${value} } catch { ${name}.m = 1 }`
    case 11:
      return `${name}?.set?.('k', ${value})`
    case 12:
      return `Object.defineProperty(${name}, 'k', { value: ${value}, configurable: true })`
    case 13:
      return `${name}.prototype.m = () => ${value}`
    case 14:
      return `let t = 0; while (t++ < 2) { if (${value}) break; ${name}.k = t }`
    case 10:
      return `(globalThis).tuttiTest = ${value}`
    default:
      return scope.functions.length > 0 ? `${dice.pick(scope.functions)}(${value})` : `${name}.l = [${value}]`
  }
}

function object(dice: Dice, scope: Scope): string {
  return `{ k: ${expression(dice, scope)}, m: ${dice.roll(4)}, l: []  }`
}

function expression(dice: Dice, scope: Scope, depth = 0): string {
  const value = (): string => (scope.values.length > 0 ? `${dice.pick(scope.values)}` : String(dice.roll(4)))
  const inner = (): string => (depth > 2 ? String(dice.roll(4)) : expression(dice, scope, depth + 1))
  switch (dice.roll(12)) {
    case 0:
      return `[${inner()}, ${inner()}]`
    case 1:
    case 2:
      return value()
    case 3:
      return `${value()}?.${dice.pick(['k', 'm', 'l'])}`
    case 4:
    case 5:
      return scope.functions.length > 0 ? `${dice.pick(scope.functions)}(${inner()})` : String(dice.roll(4))
    case 6: {
      const name = dice.pick(VALUES)
      return `(${name} => [${name}, ${inner()}])(${inner()})`
    }
    case 7:
      return `(x => x ?? ${inner()})(${value()}?.k)`
    case 8:
      return `({ k: ${inner()} })`
    case 9:
      return `(globalThis).tuttiTest`
    default:
      return String(dice.roll(4))
  }
}

function taskOf(dice: Dice, scope: Scope, name: string): string {
  const text = ((): string => {
    switch (dice.roll(10)) {
      case 0:
        return `export const ${name} = task(${scope.functions.length > 0 ? dice.pick(scope.functions) : '() => 1'})`
      case 1:
        return `const make${name} = (x: any) => () => [x, ${expression(dice, scope)}]\nexport const ${name} = task(make${name}(${expression(dice, scope)}))`
      case 2:
        return `export const [${name}] = ['x', 'y'].map(x => task(() => ${expression(dice, { ...scope, values: [...scope.values, 'x'] })}))`
      case 3:
        return `const step${name} = (x: any) => task(x)\nexport const ${name} = step${name}(() => ${expression(dice, scope)})`
      case 4:
        return `export const o${name} = { ${name}: task(function () { return ${expression(dice, scope)} }) }, ${name} = o${name}.${name}`
      case 5:
        return scope.tasks.length > 0
          ? `export const ${name} = task(() => [typeof ${dice.pick(scope.tasks)}, ${expression(dice, scope)}])`
          : `export const ${name} = task(() => ${expression(dice, scope)})`
      case 6:
        return `let n${name} = ${dice.roll(3)}\nconst next${name} = () => { const x = n${name}++; return () => [x, n${name}] }\nnext${name}()\nexport const ${name} = task(next${name}())`
      default:
        return `export const ${name} = task((x: any = ${expression(dice, scope)}) => [x, ${expression(dice, scope)}])`
    }
  })()
  scope.tasks.push(name)
  return text
}
