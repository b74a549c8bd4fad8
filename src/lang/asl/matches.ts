/** Which files are state machines: told by the name, else by what every state machine has. Light: asked of any file. */
import type { SourceFile } from '../language.ts'

const NAMED = /\.asl(?:\.(?:json|json5|ya?ml))?$/i

/** `order.asl.json`, `order.asl.yaml`, `order.asl`, `order.asl.json5`, and JSON or YAML that has `StartAt` and `States` outermost. */
export function matchesAsl({ path, text }: SourceFile): boolean {
  if (NAMED.test(path)) return true
  switch (/\.(json|json5|ya?ml)$/i.exec(path)?.[1]?.toLowerCase()) {
    case 'json':
      return hasFields(text) ?? (mentions(text, 'StartAt') && mentions(text, 'States'))
    case 'json5':
      return mentions(text, 'StartAt') && mentions(text, 'States')
    case 'yaml':
    case 'yml':
      return isOutermost(text, 'StartAt') && isOutermost(text, 'States')
    default:
      return false
  }
}

/** undefined: it is no JSON, which the parser of state machines tells better than others. */
function hasFields(text: string): boolean | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'StartAt' in value && 'States' in value
  } catch {
    return undefined
  }
}

/** As a field, quoted or not. */
const mentions = (text: string, name: string): boolean =>
  new RegExp(`(?:^|[{,])\\s*(["']?)${name}\\1\\s*:`, 'm').test(text)

/** In YAML what is inside of something else is indented; or all of it is written as JSON is. */
const isOutermost = (text: string, name: string): boolean =>
  /^\s*\{/.test(text) ? mentions(text, name) : new RegExp(`^(["']?)${name}\\1\\s*:`, 'm').test(text)
