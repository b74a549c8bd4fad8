/** Types that recur (`$ref` into `$defs`) inside of other types: references lead from the root of a schema, so definitions go there. */
import { canonicalJson, type Json } from '../util/json.ts'

type Schema = { readonly [keyword: string]: Json | undefined }

const isSchema = (type: Json | undefined): type is Schema =>
  typeof type === 'object' && type !== null && !Array.isArray(type)

/** `part` of `whole`, with what its references need. */
export function partOf(whole: Schema, part: Json): Json {
  return whole.$defs !== undefined && isSchema(part) && canonicalJson(part).includes('"$ref"')
    ? { ...part, $defs: whole.$defs }
    : part
}

/** With all definitions at the root. Two of one name that are not the same get two names. */
export function hoisted(type: Json): Json {
  if (!isSchema(type) || !canonicalJson(type).includes('"$defs"')) return type
  const texts = new Map<string, string>()
  const defs = new Map<string, Json>()
  const lifted = lift(type, new Map())
  return isSchema(lifted) && defs.size > 0 ? { ...lifted, $defs: Object.fromEntries([...defs].sort()) } : lifted

  /** `names`: what the definitions around it are called at the root. */
  function lift(json: Json, names: ReadonlyMap<string, string>): Json {
    if (Array.isArray(json)) return (json as readonly Json[]).map(each => lift(each, names))
    if (!isSchema(json)) return json
    const { $defs, ...rest } = json
    const inside = isSchema($defs) ? named($defs) : names
    return Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [
        key,
        key === '$ref' ? renamed(value!, inside) : lift(value!, inside),
      ]),
    )
  }

  function named(own: Schema): ReadonlyMap<string, string> {
    const names = new Map<string, string>()
    const fresh = Object.keys(own).filter(name => {
      // What it says hangs on the definitions beside it.
      const text = canonicalJson([name, own as Json])
      const known = texts.get(text)
      const free = known ?? freeName(name)
      texts.set(text, free)
      names.set(name, free)
      if (known === undefined) defs.set(free, true)
      return known === undefined
    })
    for (const name of fresh) defs.set(names.get(name)!, lift(own[name]!, names))
    return names
  }

  function freeName(name: string): string {
    let count = 1
    while (defs.has(count === 1 ? name : `${name}${count}`)) count += 1
    return count === 1 ? name : `${name}${count}`
  }
}

function renamed(ref: Json, names: ReadonlyMap<string, string>): Json {
  const name = typeof ref === 'string' ? /^#\/\$defs\/(.+)$/.exec(ref)?.[1] : undefined
  return name === undefined ? ref : `#/$defs/${names.get(name) ?? name}`
}
