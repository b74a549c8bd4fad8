/** Which files are state machines: told by the name, else by what every state machine has. Light: asked of any file. */
import type { SourceFile } from '../language.ts'

const NAMED = /\.asl(?:\.(?:json|json5|ya?ml))?$/i
const DATA = /\.(?:json|json5|ya?ml)$/i
/** A field of an object, in JSON, JSON5 or YAML: quoted or not, in a line of its own or after a brace or a comma. */
const field = (name: string): RegExp => new RegExp(`(?:^|[{,])\\s*(["']?)${name}\\1\\s*:`, 'm')
const START = field('StartAt')
const STATES = field('States')

/** `order.asl.json`, `order.asl.yaml`, `order.asl`, `order.asl.json5`, and JSON or YAML that has `StartAt` and `States`. */
export const matchesAsl = ({ path, text }: SourceFile): boolean =>
  NAMED.test(path) || (DATA.test(path) && START.test(text) && STATES.test(text))
