/**
 * `asl`: the language for the loader, and a function for tutti.ts.
 *
 *     import definition from './order.asl.json'
 *     export const order = asl(definition, { 'arn:aws:lambda:eu-west-1:123456789012:function:charge': charge })
 */
import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { In, Ref } from '../../dsl/index.ts'
import type { Diagnostic } from '../../util/diagnostic.ts'
import { err, ok, type Result } from '../../util/result.ts'
import type { Around, Bindings as AnyBindings, BoundWorkflow, Language, SourceFile } from '../language.ts'
import { accepted, workflowOf } from '../open.ts'
import { MOCKS, type Mocks } from '../entry.ts'
import { type BindOptions, bindMachine, type MachineSource } from './bind.ts'
import type { Machine } from './machine.ts'
import { matchesAsl } from './matches.ts'
import { parseDefinition } from './parse/definition.ts'
import { parseMockConfig, testCaseOf } from './task/mock/config.ts'
import type { Bindings } from './task/index.ts'
import { validateDefinition } from './validate/validate.ts'

export type AslOptions = Partial<Omit<BindOptions, 'bindings' | 'machines'>>

/**
 * A definition as an object (an imported JSON file) or as text (JSON, YAML). Refuses with all that is wrong with it. What goes in
 * and comes out is JSON of whatever shape: say which, and it is a typed step, `asl<Order, Receipt>(definition, bindings)`.
 */
function defineMachine<Input = unknown, Output = unknown>(
  definition: object | string,
  bindings: Bindings = {},
  options: AslOptions = {},
): (input: In<Input>) => Ref<Output> {
  const source = sourceOf(definition)
  const name = options.name ?? 'machine'
  const bound = accepted(bindAll(source, bindings, { ...options, name }, onDisk(options.folder ?? '.')))
  return workflowOf(bound) as (input: In<Input>) => Ref<Output>
}

function sourceOf(definition: object | string): MachineSource {
  if (typeof definition === 'string') {
    const path = /^\s*[{[]/.test(definition) ? 'definition.json' : 'definition.yaml'
    return accepted(parseDefinition({ path, text: definition }))
  }
  return { machine: accepted(validateDefinition(definition)) }
}

/** The machines that bindings name are read and bound, too. */
function bindAll(
  source: MachineSource,
  bindings: Bindings,
  options: Omit<BindOptions, 'bindings' | 'machines'>,
  around: Around,
): Result<BoundWorkflow, readonly Diagnostic[]> {
  const machines: { [key: string]: MachineSource } = {}
  const wrong: Diagnostic[] = []
  for (const [key, binding] of Object.entries(bindings)) {
    if (typeof binding !== 'object' || binding === null || !('machine' in binding)) continue
    const read = readMachine(binding.machine, around)
    if (read.ok) machines[key] = read.value
    else wrong.push(...read.error)
  }
  return wrong.length > 0 ? err(wrong) : ok(bindMachine(source, { ...options, bindings, machines }))
}

function readMachine(machine: string | object, around: Around): Result<MachineSource, readonly Diagnostic[]> {
  if (typeof machine !== 'string') {
    const valid = validateDefinition(machine)
    return valid.ok ? ok({ machine: valid.value }) : valid
  }
  const text = around.read(machine)
  if (text !== undefined) return parseDefinition({ path: machine, text })
  return err([
    {
      code: 'ASL_MACHINE_UNREADABLE',
      severity: 'error',
      message: `The machine ${machine} cannot be read`,
      hint: 'Paths of bindings start at the definition.',
    },
  ])
}

/** For a definition in code. */
const onDisk = (folder: string): Around => ({
  read(path) {
    try {
      return readFileSync(resolve(folder, path), 'utf8')
    } catch {
      return undefined
    }
  },
})

/** A switch of the command line: machines end with an error where AWS's limits of data are passed. */
const AWS_LIMITS = '--aws-limits'

interface Program extends MachineSource {
  readonly name: string
  readonly machine: Machine
}

const language: Language<Program> = {
  name: 'asl',
  matches: matchesAsl,
  parse(file: SourceFile) {
    const parsed = parseDefinition(file)
    return parsed.ok ? ok({ ...parsed.value, name: nameOf(file.path) }) : parsed
  },
  bind({ name, ...source }: Program, given: AnyBindings, around: Around) {
    const { [MOCKS]: mocks, [AWS_LIMITS]: limited, ...bindings } = given
    const scripts = mocks === undefined ? ok({}) : scriptsOf(mocks as Mocks, name)
    if (!scripts.ok) return scripts
    const bound = bindAll(
      source,
      bindings as Bindings,
      { name, mocks: scripts.value, limits: limited === true ? 'aws' : 'none' },
      around,
    )
    if (!bound.ok) return bound
    // A test case answers for the states that it comes to, and says nothing of the others.
    return ok([mocks === undefined ? bound.value : { ...bound.value, missing: [] }])
  },
}

function scriptsOf(
  { path, text, testCase }: Mocks,
  machine: string,
): Result<NonNullable<BindOptions['mocks']>, readonly Diagnostic[]> {
  const config = parseMockConfig({ path, text })
  return config.ok ? ok(testCaseOf(config.value, { machine, testCase })) : config
}

/** `order` of `order.asl.json`; what AWS takes in no name of a machine goes. */
const nameOf = (path: string): string =>
  basename(path)
    .replace(/(?:\.asl)?\.[^.]+$/, '')
    .replace(/[\s<>{}[\]?*"#%\\^|~`$&,;:/@]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'machine'

export const asl: typeof defineMachine & Language<Program> = Object.defineProperties(
  defineMachine,
  Object.fromEntries(Object.entries(language).map(([key, value]) => [key, { value, enumerable: true }])),
) as typeof defineMachine & Language<Program>
