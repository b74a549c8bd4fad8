/**
 * Which programs only start others: the tools that a build was described for, shells that run a script, programs in
 * scripting languages that write nothing themselves. They are looked through; what they start is the build.
 */
import { basename } from 'node:path'
import { type Image, withDescendants } from './images.ts'
import { interpreterOf } from './project.ts'

export type Role =
  /** Reads a description of the build and starts what it says. */
  | { readonly kind: 'tool' }
  /** A line that somebody gave to a shell. `shell`: its words before the line. */
  | { readonly kind: 'line'; readonly line: string; readonly words: readonly string[] }
  | { readonly kind: 'script'; readonly file: string }
  /** In a language in which tools are written, too. */
  | { readonly kind: 'interpreted' }
  | { readonly kind: 'program' }

const TOOLS = new Set(['make', 'gmake', 'ninja', 'samu', 'npm', 'npx', 'pnpm', 'yarn', 'bmake'])
/** What npm and its like are when node is named first. */
const TOOL_SCRIPTS = new Set(['npm', 'npm-cli.js', 'npx', 'npx-cli.js', 'yarn', 'yarn.js', 'pnpm', 'pnpm.cjs'])
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh'])
const INTERPRETERS = /^(?:node|python[\d.]*|perl[\d.]*|ruby[\d.]*|tclsh[\d.]*|deno|bun|guile)$/

export function roleOf(image: Image): Role {
  const { exec } = image
  if (exec === undefined) return { kind: 'program' }
  const name = basename(exec.argv[0] ?? exec.file)
  const program = basename(exec.file)
  if (TOOLS.has(program)) return { kind: 'tool' }
  if (program === 'cmake' && exec.argv.includes('--build')) return { kind: 'tool' }
  if (program === 'env' && image.next !== undefined && roleOf(image.next).kind === 'tool') return { kind: 'tool' }
  if (SHELLS.has(program) || SHELLS.has(name)) return shellRole(exec.argv)
  if (INTERPRETERS.test(program)) {
    const script = exec.argv.slice(1).find(word => !word.startsWith('-'))
    return script !== undefined && TOOL_SCRIPTS.has(basename(script)) ? { kind: 'tool' } : { kind: 'interpreted' }
  }
  const interpreter = interpreterOf(exec.file)
  if (interpreter === undefined) return { kind: 'program' }
  if (SHELLS.has(interpreter)) return { kind: 'script', file: exec.file }
  return INTERPRETERS.test(interpreter) ? { kind: 'interpreted' } : { kind: 'program' }
}

/** `sh -c LINE`, `bash -euo pipefail -c LINE`, `sh build.sh`. */
function shellRole(argv: readonly string[]): Role {
  let index = 1
  for (; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (!/^[-+]/.test(word) || word === '-' || word === '--') break
    if (/^-[a-z]*c$/i.test(word)) {
      const line = argv[index + 1] ?? ''
      return { kind: 'line', line, words: argv.slice(0, index + 1) }
    }
    if (/^-[a-z]*o$/.test(word)) index++
  }
  const file = argv[index]
  return file === undefined ? { kind: 'program' } : { kind: 'script', file }
}

/** Whether an image, or one that followed from it, starts the commands of a build from a description. */
export const hasToolBelow = (image: Image, isOutput: (path: string) => boolean): boolean =>
  [...withDescendants(image)].some(each => startsOnly(each, isOutput))

/** Whether it is there to start others: what it writes itself is none of the build's files. */
export function startsOnly(image: Image, isOutput: (path: string) => boolean): boolean {
  const role = roleOf(image)
  if (role.kind === 'tool') return true
  if (role.kind !== 'interpreted') return false
  const wrote = (each: Image): boolean =>
    each.touches.some(touch => (touch.kind === 'write' || touch.kind === 'update') && isOutput(touch.path))
  if (wrote(image)) return false
  return image.children.some(child => [...withDescendants(child)].some(each => each.exec !== undefined && wrote(each)))
}
