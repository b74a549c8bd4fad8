/**
 * From an annotation to JSON Schema, as values are kept: dates and the like in their tagged form. What only a type checker could
 * tell is unknown.
 *
 *   D1. It ends, whatever the types: what recurs becomes a `$ref`, what grows without end unknown.
 *   D2. Names of types are nothing: an alias and what it stands for are the same schema.
 */
import { canonicalJson, type Json } from '../../util/json.ts'
import type { Node } from '../instrument/tree.ts'
import { inferred } from './infer.ts'
import type { Declaration, Found, TypeModule, TypeModules } from './modules.ts'
import {
  type Field,
  fieldsOf,
  intersection,
  isSchema,
  NEVER,
  record,
  tagged,
  UNDEFINED,
  union,
  UNKNOWN,
  withoutUndefined,
} from './shapes.ts'

type Reference = Extract<Node, { type: 'TSTypeReference' }>
type Member = Extract<Node, { type: 'TSTypeLiteral' }>['members'][number]

/** Where a type is written. */
export interface Scope {
  readonly module: TypeModule
  /** What its type parameters are. */
  readonly given: ReadonlyMap<string, Json>
}

export interface Types {
  /** The schema of an annotation, whole: its `$ref`s lead into its own `$defs`. */
  readonly of: (type: Node, scope: Scope) => Json
  /** What an expression obviously gives. */
  readonly given: (expression: Node, scope: Scope, names: ReadonlyMap<string, Json>) => Json
}

export const createTypes = (modules: TypeModules): Types => ({
  of: (type, scope) => whole(modules, walk => walk.of(type, scope)),
  given: (expression, scope, names) =>
    whole(modules, walk => inferred(expression, { type: each => walk.of(each, scope), names })),
})

/** Most schemas that one annotation becomes. */
const STEPS_MAX = 5_000
/** Deepest nesting of them. */
const DEPTH_MAX = 60

function whole(modules: TypeModules, body: (walk: ReturnType<typeof createWalk>) => Json): Json {
  const defs = new Map<string, Json>()
  const type = body(createWalk(modules, defs))
  return defs.size > 0 && isSchema(type) ? { ...type, $defs: Object.fromEntries([...defs].sort()) } : type
}

function createWalk(modules: TypeModules, defs: Map<string, Json>) {
  /** Declarations that we are inside of, by what they are and are given; with the name under which one recurs. */
  const inside = new Map<string, { name: string | undefined }>()
  let steps = STEPS_MAX
  let depth = 0
  return { of }

  function of(type: Node, scope: Scope): Json {
    if (steps-- <= 0 || depth >= DEPTH_MAX) return UNKNOWN
    depth += 1
    try {
      return schemaOf(type, scope)
    } finally {
      depth -= 1
    }
  }

  function schemaOf(type: Node, scope: Scope): Json {
    switch (type.type) {
      case 'TSStringKeyword':
      case 'TSTemplateLiteralType':
        return { type: 'string' }
      case 'TSNumberKeyword':
        return { type: 'number' }
      case 'TSBooleanKeyword':
      case 'TSTypePredicate':
        return { type: 'boolean' }
      case 'TSBigIntKeyword':
        return tagged('$bigint', { type: 'string' })
      case 'TSNullKeyword':
        return { type: 'null' }
      case 'TSUndefinedKeyword':
      case 'TSVoidKeyword':
        return UNDEFINED
      case 'TSNeverKeyword':
        return NEVER
      case 'TSObjectKeyword':
        return { type: 'object' }
      case 'TSParenthesizedType':
      case 'TSTypeAnnotation':
        return of(type.typeAnnotation, scope)
      case 'TSLiteralType':
        return inferred(type.literal, { type: each => of(each, scope), names: new Map(), literals: 'exact' })
      case 'TSArrayType':
        return { type: 'array', items: of(type.elementType, scope) }
      case 'TSTupleType':
        return tupleOf(type.elementTypes, scope)
      case 'TSUnionType':
        return union(type.types.map(each => of(each, scope)))
      case 'TSIntersectionType':
        return intersection(type.types.map(each => of(each, scope)))
      case 'TSTypeLiteral':
        return recordOf(type.members, scope)
      case 'TSTypeOperator':
        return operated(type.operator, of(type.typeAnnotation, scope))
      case 'TSIndexedAccessType':
        return accessed(of(type.objectType, scope), of(type.indexType, scope))
      case 'TSMappedType':
        return type.typeAnnotation && !type.nameType ? mapped(type, scope) : UNKNOWN
      case 'TSTypeReference':
        return referred(type, scope)
      case 'TSTypeQuery':
        return type.exprName.type === 'Identifier' ? queried(type.exprName.name, scope) : UNKNOWN
      default:
        return UNKNOWN
    }
  }

  function tupleOf(elements: readonly Node[], scope: Scope): Json {
    const items: Json[] = []
    let least = 0
    let rest: Json = NEVER
    for (const each of elements) {
      const isOptional = each.type === 'TSOptionalType' || (each.type === 'TSNamedTupleMember' && each.optional)
      const element = each.type === 'TSNamedTupleMember' ? each.elementType : each
      if (element.type === 'TSRestType') {
        const list = of(element.typeAnnotation, scope)
        rest = (isSchema(list) ? list.items : undefined) ?? UNKNOWN
        continue
      }
      items.push(of(element.type === 'TSOptionalType' ? element.typeAnnotation : element, scope))
      if (!isOptional) least = items.length
    }
    return { type: 'array', prefixItems: items, items: rest, minItems: least }
  }

  function recordOf(members: readonly Member[], scope: Scope): Json {
    const fields = new Map<string, Field>()
    let rest: Json | undefined
    for (const member of members) {
      if (member.type === 'TSIndexSignature') rest = of(member.typeAnnotation, scope)
      if (member.type !== 'TSPropertySignature' || member.computed) continue
      const name = keyOf(member.key)
      const type = member.typeAnnotation ? of(member.typeAnnotation, scope) : UNKNOWN
      if (name !== undefined) fields.set(name, { type, isOptional: member.optional })
    }
    return record(fields, rest)
  }

  function mapped(type: Extract<Node, { type: 'TSMappedType' }>, scope: Scope): Json {
    const made = (key: Json): Json => {
      const value = of(type.typeAnnotation!, { ...scope, given: new Map([...scope.given, [type.key.name, key]]) })
      return type.optional === true || type.optional === '+' ? union([value, UNDEFINED]) : value
    }
    return recordBy(of(type.constraint, scope), made)
  }

  function referred(type: Reference, scope: Scope): Json {
    const { typeName } = type
    const args = (): readonly Json[] => (type.typeArguments?.params ?? []).map(each => of(each, scope))
    if (typeName.type === 'Identifier') {
      const given = scope.given.get(typeName.name)
      if (given !== undefined) return given
      return meant(modules.find(scope.module, typeName.name), typeName.name, args)
    }
    if (typeName.type !== 'TSQualifiedName' || typeName.left.type !== 'Identifier') return UNKNOWN
    const member = typeName.right.name
    const imported = modules.findIn(scope.module, typeName.left.name, member)
    return imported ? meant(imported, member, args) : enumMember(modules.find(scope.module, typeName.left.name), member)
  }

  function meant(found: Found | undefined, name: string, args: () => readonly Json[]): Json {
    switch (found?.kind) {
      case undefined:
      case 'constant':
        return UNKNOWN
      case 'declared':
        return named(name, found.module, found.declarations, args())
      case 'language':
        return LANGUAGE[found.name]?.(args()) ?? UNKNOWN
      case 'global':
        return GLOBALS[found.name]?.(args()) ?? UNKNOWN
    }
  }

  /** D1, D2. */
  function named(name: string, module: TypeModule, declarations: readonly Declaration[], args: readonly Json[]): Json {
    const key = `${module.path} ${name} ${canonicalJson(args)}`
    const outer = inside.get(key)
    if (outer) return { $ref: `#/$defs/${(outer.name ??= free(name))}` }
    const here: { name: string | undefined } = { name: undefined }
    inside.set(key, here)
    const parts = declarations.map(each => declared(each, module, args))
    inside.delete(key)
    const type = parts.length === 1 ? parts[0]! : intersection(parts)
    if (here.name === undefined) return type
    const ref = `#/$defs/${here.name}`
    // Nothing but itself.
    if (isSchema(type) && type.$ref === ref) return UNKNOWN
    defs.set(here.name, type)
    return { $ref: ref }
  }

  function free(name: string): string {
    const taken = new Set([...defs.keys(), ...[...inside.values()].map(each => each.name)])
    let count = 1
    while (taken.has(count === 1 ? name : `${name}${count}`)) count += 1
    return count === 1 ? name : `${name}${count}`
  }

  function declared(node: Declaration, module: TypeModule, args: readonly Json[]): Json {
    if (node.type === 'TSEnumDeclaration') return union([...enumValues(node).values()].map(value => ({ const: value })))
    const given = new Map<string, Json>()
    const scope: Scope = { module, given }
    for (const [index, param] of (node.typeParameters?.params ?? []).entries())
      given.set(param.name.name, args[index] ?? (param.default ? of(param.default, scope) : UNKNOWN))
    if (node.type === 'TSTypeAliasDeclaration') return of(node.typeAnnotation, scope)
    const own = recordOf(node.body.body, scope)
    return node.extends.length === 0 ? own : extended(own, node.extends, scope)
  }

  function extended(
    own: Json,
    parents: Extract<Declaration, { type: 'TSInterfaceDeclaration' }>['extends'],
    scope: Scope,
  ): Json {
    const types = parents.map(({ expression, typeArguments }) =>
      expression.type === 'Identifier'
        ? meant(modules.find(scope.module, expression.name), expression.name, () =>
            (typeArguments?.params ?? []).map(each => of(each, scope)),
          )
        : UNKNOWN,
    )
    const fields = types.map(fieldsOf)
    if (fields.some(each => each === undefined)) return UNKNOWN
    // What it declares anew is narrower, by what TypeScript asks of it.
    const all = [...fields.flatMap(each => [...each!]), ...fieldsOf(own)!]
    const [rest] = [own, ...types].flatMap(type => (isSchema(type) ? (type.additionalProperties ?? []) : []))
    return record(new Map(all), rest)
  }

  function queried(name: string, scope: Scope): Json {
    const found = modules.find(scope.module, name)
    if (found?.kind !== 'constant') return UNKNOWN
    return inferred(found.node, {
      type: each => of(each, { module: found.module, given: new Map() }),
      names: new Map(),
      literals: 'exact',
    })
  }

  function enumMember(found: Found | undefined, name: string): Json {
    if (found?.kind !== 'declared') return UNKNOWN
    for (const each of found.declarations) {
      const value = each.type === 'TSEnumDeclaration' ? enumValues(each).get(name) : undefined
      if (value !== undefined) return { const: value }
    }
    return UNKNOWN
  }
}

/** By name; those whose value must be computed are numbers, as TypeScript has them, but which is not known. */
function enumValues({ body }: Extract<Declaration, { type: 'TSEnumDeclaration' }>): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>()
  let next: number | undefined = 0
  for (const { id, initializer } of body.members) {
    const name = keyOf(id)
    const given = initializer
      ? inferred(initializer, { type: () => UNKNOWN, names: new Map(), literals: 'exact' })
      : undefined
    const value: Json | undefined = given === undefined ? next : isSchema(given) ? given.const : undefined
    next = typeof value === 'number' ? value + 1 : undefined
    if (name !== undefined && value !== undefined) values.set(name, value)
  }
  return values
}

const keyOf = (key: Node): string | undefined =>
  key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : undefined

function operated(operator: 'keyof' | 'unique' | 'readonly', type: Json): Json {
  if (operator === 'readonly') return type
  const fields = operator === 'keyof' ? fieldsOf(type) : undefined
  if (!fields || (isSchema(type) && type.additionalProperties !== undefined)) return UNKNOWN
  return union([...fields.keys()].map(name => ({ const: name })))
}

function accessed(type: Json, index: Json): Json {
  if (!isSchema(type) || !isSchema(index)) return UNKNOWN
  if (type.type === 'array' && index.type === 'number') {
    const items = [...((type.prefixItems ?? []) as readonly Json[]), ...(type.items === undefined ? [] : [type.items])]
    return items.length > 0 ? union(items) : UNKNOWN
  }
  const names = textsOf(index)
  const fields = fieldsOf(type)
  if (!names || !fields) return UNKNOWN
  return union(
    names.map(name => {
      const field = fields.get(name)
      if (!field) return UNKNOWN
      return field.isOptional ? union([field.type, UNDEFINED]) : field.type
    }),
  )
}

/** The texts that a type lists; undefined: it is no such list. */
function textsOf(type: Json): readonly string[] | undefined {
  if (!isSchema(type)) return undefined
  const values = 'const' in type ? [type.const] : Array.isArray(type.enum) ? type.enum : []
  const texts = values.filter(each => typeof each === 'string')
  return texts.length > 0 && texts.length === values.length ? texts : undefined
}

/** A record with these keys: some, or all texts. */
function recordBy(keys: Json, made: (key: Json) => Json): Json {
  const names = textsOf(keys)
  if (names) return record(new Map(names.map(name => [name, { type: made({ const: name }), isOptional: false }])))
  return isSchema(keys) && (keys.type === 'string' || keys.type === 'number') ? record(new Map(), made(keys)) : UNKNOWN
}

type Generic = (args: readonly Json[]) => Json

/** Fields of the first argument, each changed or left out. */
const refielded =
  (change: (field: Field, name: string, args: readonly Json[]) => Field | undefined): Generic =>
  args => {
    const [type] = args
    const fields = type === undefined ? undefined : fieldsOf(type)
    if (!fields) return UNKNOWN
    const changed = [...fields].flatMap(([name, field]) => {
      const made = change(field, name, args)
      return made ? [[name, made] as const] : []
    })
    return record(new Map(changed), isSchema(type) ? type.additionalProperties : undefined)
  }

const chosen =
  (which: 'listed' | 'others'): Generic =>
  args => {
    const names = args[1] === undefined ? undefined : textsOf(args[1])
    if (!names) return UNKNOWN
    return refielded((field, name) => (names.includes(name) === (which === 'listed') ? field : undefined))(args)
  }

const first: Generic = ([type = UNKNOWN]) => type
const list: Generic = ([items = UNKNOWN]) => ({ type: 'array', items })
const BYTES: Generic = () => tagged('$bytes', { type: 'array' })

const GLOBALS: { readonly [name: string]: Generic } = {
  Promise: first,
  PromiseLike: first,
  Awaited: first,
  Readonly: first,
  NoInfer: first,
  NonNullable: ([type = UNKNOWN]) => {
    const rest = withoutUndefined(type).type
    if (!isSchema(rest) || !Array.isArray(rest.anyOf)) return rest
    return union(
      (rest.anyOf as readonly Json[]).filter(each => canonicalJson(each) !== canonicalJson({ type: 'null' })),
    )
  },
  Array: list,
  ReadonlyArray: list,
  Record: ([keys = UNKNOWN, value = UNKNOWN]) => recordBy(keys, () => value),
  Partial: refielded(field => ({ ...field, isOptional: true })),
  Required: refielded(field => ({ ...field, isOptional: false })),
  Pick: chosen('listed'),
  Omit: chosen('others'),
  Date: () => tagged('$date', { type: 'string' }),
  Map: ([key = UNKNOWN, value = UNKNOWN]) =>
    tagged('$map', { type: 'array', items: { type: 'array', prefixItems: [key, value] } }),
  ReadonlyMap: ([key = UNKNOWN, value = UNKNOWN]) =>
    tagged('$map', { type: 'array', items: { type: 'array', prefixItems: [key, value] } }),
  Set: ([items = UNKNOWN]) => tagged('$set', { type: 'array', items }),
  ReadonlySet: ([items = UNKNOWN]) => tagged('$set', { type: 'array', items }),
  RegExp: () => tagged('$regexp', { type: 'array' }),
  URL: () => tagged('$url', { type: 'string' }),
  Error: () => tagged('$error', { type: 'object' }),
  ArrayBuffer: BYTES,
  Uint8Array: BYTES,
  Buffer: BYTES,
}

/** Handles are no values: their kind is what can be told of them. */
const handle =
  (...kinds: readonly string[]): Generic =>
  () =>
    tagged('$handle', union(kinds.map(kind => ({ const: kind }))))

const LANGUAGE: { readonly [name: string]: Generic } = {
  Ref: first,
  Files: handle('files'),
  FileHandle: handle('file'),
  Dir: handle('dir', 'output'),
  Output: handle('output'),
  Secret: handle('secret'),
  Port: handle('port'),
}
