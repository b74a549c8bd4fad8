/**
 * What user's modules get for `tutti` and its parts: the copies of this program, so that what they define is collected here.
 * Parts are loaded for who imports them; a file that needs no other language pays for none.
 */
import * as tutti from '../index.ts'
import type { Bundle } from '../loader/index.ts'

const PARTS: { readonly [specifier: string]: () => Promise<object> } = {
  'tutti/lang': () => import('../lang/index.ts'),
  'tutti/lang/asl': () => import('../lang/asl/index.ts'),
}

export async function providedTo({ modules }: Bundle): Promise<{ readonly [specifier: string]: object }> {
  const provided: { [specifier: string]: object } = { tutti }
  for (const module of Object.values(modules))
    for (const target of module.kind === 'script' ? Object.values(module.targets) : []) {
      const part = target.kind === 'tutti' ? PARTS[target.name] : undefined
      if (part && target.kind === 'tutti') provided[target.name] ??= await part()
    }
  return provided
}
