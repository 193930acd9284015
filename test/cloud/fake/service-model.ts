/**
 * A service's own model, read from the schema objects that its SDK package ships and serializes by: operations with their
 * routes, members with their types and places, and which of them are required. Nothing of that is written down here.
 *
 * A schema is an array: `[3, namespace, name, traits, member names, member schemas, count of required members]` for a
 * structure, where the required members come first.
 */
export interface Operation {
  name: string
  /** Absent for services whose operations all go to `/`. */
  http: { method: string; segments: string[] } | undefined
  input: Schema
  output: Schema
}

/** Anything that stands for a type: a number for a simple one, an array, or a function that gives one of these. */
export type Schema = number | readonly unknown[] | (() => Schema)

export interface Member {
  schema: Schema
  isRequired: boolean
  /** Where the member travels; by default in the body. */
  place: 'body' | 'label' | { query: string }
}

const structure = 3
const error = -3
const union = 4
const operation = 9
const isList = 64
const isMap = 128

export function operationsOf(sdk: Record<string, unknown>): Operation[] {
  return Object.values(sdk)
    .filter((value): value is unknown[] => Array.isArray(value) && value[0] === operation)
    .map(([, , name, traits, input, output]) => {
      const { http } = (traits || {}) as { http?: [string, string, number] }
      return {
        name: name as string,
        http: http && { method: http[0], segments: http[1].split('?')[0].split('/') },
        input: input as Schema,
        output: output as Schema,
      }
    })
}

/** The status with which a service sends an error of this name, and the name of its message's member. */
export function errorOf(sdk: Record<string, unknown>, name: string): { status: number; member: string } {
  const found = Object.values(sdk).find(
    (value) => Array.isArray(value) && value[0] === error && value[2] === name,
  )
  if (found === undefined) return { status: 400, member: 'message' }
  const [, , , traits, members] = found as [number, string, string, { httpError?: number }, string[]]
  return { status: traits.httpError ?? 400, member: members.find((m) => /^message$/i.test(m)) ?? 'message' }
}

export function membersOf(schema: Schema): Map<string, Member> {
  const [, , , , names, schemas, required = 0] = resolve(schema) as [
    number,
    string,
    string,
    unknown,
    string[],
    unknown[],
    number?,
  ]
  return new Map(
    (names ?? []).map((name, i) => {
      const given = schemas[i]
      // A pair is a schema with traits: a number of bits, of which 1 is a label in the path, or an object.
      const [held, traits] = isPair(given) ? given : [given as Schema, 0]
      const query = typeof traits === 'object' ? (traits as { httpQuery?: string }).httpQuery : undefined
      const isLabel = typeof traits === 'number' ? (traits & 1) === 1 : 'httpLabel' in traits
      const place = query !== undefined ? { query } : isLabel ? 'label' : 'body'
      return [name, { schema: held, isRequired: i < required, place }]
    }),
  )
}

/**
 * What is wrong with a value by its schema: members that there are none of, missing ones, other types.
 *
 * @param at where it stands, for the messages
 */
export function problemsOf(schema: Schema, value: unknown, at: string): string[] {
  const type = resolve(schema)
  if (typeof type === 'number') {
    if (type >= isMap && type < 2 * isMap) return entriesOf(type - isMap, value, at)
    if (type >= isList && type < isMap) return elementsOf(type - isList, value, at)
    const wanted = simpleType(type)
    return wanted === undefined || typeof value === wanted ? [] : [`${at} is no ${wanted}`]
  }
  const [kind, , , , inner, last] = type as [number, string, string, unknown, Schema, Schema]
  if (kind === 0) return problemsOf(inner, value, at)
  if (kind === 1) return elementsOf(inner, value, at)
  if (kind === 2) return entriesOf(last, value, at)
  if (kind !== structure && kind !== union && kind !== error)
    return [`${at}: a schema of kind ${kind} is not known here`]
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [`${at} is no structure`]
  const members = membersOf(type)
  const problems: string[] = []
  for (const [name, member] of members) {
    if (member.isRequired && (value as Record<string, unknown>)[name] === undefined)
      problems.push(`${at}.${name} is missing`)
  }
  for (const [name, held] of Object.entries(value)) {
    const member = members.get(name)
    if (member === undefined) problems.push(`${at}.${name} is no member`)
    else if (held !== undefined) problems.push(...problemsOf(member.schema, held, `${at}.${name}`))
  }
  return problems
}

function elementsOf(schema: Schema, value: unknown, at: string): string[] {
  if (!Array.isArray(value)) return [`${at} is no list`]
  return value.flatMap((element, i) => problemsOf(unpaired(schema), element, `${at}[${i}]`))
}

function entriesOf(schema: Schema, value: unknown, at: string): string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [`${at} is no map`]
  return Object.entries(value).flatMap(([key, held]) => problemsOf(unpaired(schema), held, `${at}.${key}`))
}

function simpleType(type: number): 'string' | 'number' | 'boolean' | undefined {
  if (type === 0) return 'string'
  // Times travel as seconds.
  if (type === 1 || (type >= 4 && type <= 7)) return 'number'
  if (type === 2) return 'boolean'
  // A document, bytes: anything.
  return undefined
}

function isPair(given: unknown): given is [Schema, number | Record<string, unknown>] {
  return Array.isArray(given) && given.length === 2 && typeof given[1] !== 'string'
}

function unpaired(given: Schema): Schema {
  return isPair(given) ? given[0] : given
}

function resolve(schema: Schema): number | readonly unknown[] {
  let at = unpaired(schema)
  while (typeof at === 'function') at = unpaired(at())
  return at
}
