/** From a secret's name to its value: only here, in the process that runs the attempt, and known to the vault from then on. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { inspect, promisify } from 'node:util'
import type { Resource, SecretOrigin } from '../../core/graph/graph.ts'
import { HANDLE, type Secret } from '../../dsl/resources.ts'
import { refuse } from '../../util/diagnostic.ts'
import { unreachable } from '../../util/unreachable.ts'
import { addSecret, hideEnv } from './vault.ts'

const run = promisify(execFile)
const COMMAND_MS_MAX = 60_000

/** What a task gets: printing, formatting or storing it shows its name. */
class OpenSecret implements Secret {
  readonly [HANDLE] = 'secret'
  readonly name: string
  readonly #value: string

  constructor(name: string, value: string) {
    this.name = name
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return `[secret ${this.name}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** Opens a secret. Refuses with SECRET_MISSING, which says where it was looked for, and SECRET_SHORT. */
export async function openSecret(resource: Extract<Resource, { kind: 'secret' }>, cwd: string): Promise<Secret> {
  return givenSecret(resource.name, await read(resource.name, resource.from, cwd))
}

/** A secret whose value is at hand. Refuses with SECRET_SHORT. */
export function givenSecret(name: string, value: string): Secret {
  addSecret(name, value)
  return new OpenSecret(name, value)
}

/**
 * Tells the vault at a run's start which secrets its graph names: variables that hold one are no longer passed to every
 * command, and their values are redacted although no step has opened them yet.
 */
export function declareSecrets(resources: readonly Resource[]): void {
  for (const resource of resources) {
    if (resource.kind !== 'secret' || resource.from.kind !== 'env') continue
    hideEnv(resource.name)
    const value = process.env[resource.name]
    // What is missing or too short is refused where it is opened, with the step that needs it.
    if (value !== undefined && value.trim().length >= 4) addSecret(resource.name, value)
  }
}

async function read(name: string, from: SecretOrigin, cwd: string): Promise<string> {
  switch (from.kind) {
    case 'env':
      return (
        process.env[name] ||
        missing(name, `the environment variable ${name} is not set`, `Set ${name} where tutti runs.`)
      )
    case 'file':
      return (
        (await readSecretFile(name, resolve(cwd, from.path))) ||
        missing(name, `the file ${from.path} is empty`, 'Write the secret into that file.')
      )
    case 'command':
      return (
        (await readCommand(name, from.command, cwd)) ||
        missing(name, `the command ${from.command} printed nothing`, 'Run it by hand to see why.')
      )
    default:
      return unreachable(from)
  }
}

async function readSecretFile(name: string, path: string): Promise<string> {
  try {
    return withoutEnd(await readFile(path, 'utf8'))
  } catch (error) {
    return missing(name, `the file ${path} cannot be read (${reason(error)})`, 'Check the path and its permissions.')
  }
}

async function readCommand(name: string, command: string, cwd: string): Promise<string> {
  try {
    const { stdout } = await run('/bin/sh', ['-c', command], { cwd, timeout: COMMAND_MS_MAX })
    return withoutEnd(stdout)
  } catch (error) {
    return missing(name, `the command ${command} failed (${reason(error)})`, 'Run it by hand to see why.')
  }
}

function missing(name: string, where: string, hint: string): never {
  refuse('SECRET_MISSING', `There is no secret ${name}: ${where}`, { hint })
}

const withoutEnd = (text: string): string => text.replace(/\r?\n$/, '')

/** Never the message: that of a failed command repeats what it printed. */
function reason(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'number' ? `exit code ${code}` : String(code ?? 'no reason given')
}
