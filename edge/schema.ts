/** A JSON Schema (2020-12, the dialect of OpenAPI 3.1), of the few keywords that are used here. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** One description of a value: it checks what came in, and says in JSON Schema what it checks. */
export interface Schema<T> {
  readonly json: JsonSchema
  /**
   * The value, where it is one.
   *
   * @param path where it stands, for the error: `body.exclude[3]`
   * @throws MismatchError
   */
  read(value: unknown, path: string): T
}

interface OptionalSchema<T> extends Schema<T> {
  readonly optional: true
}

/** The type of what a schema describes. */
export type Infer<S> = S extends Schema<infer T> ? T : never

/** A value is not what its schema says. */
export class MismatchError extends Error {
  override readonly name = 'MismatchError'

  readonly path: string
  readonly want: string

  constructor(path: string, want: string) {
    super(`${path}: want ${want}`)
    this.path = path
    this.want = want
  }
}

export function integer(minimum: number, maximum: number, description?: string): Schema<number> {
  const want = `an integer from ${minimum} to ${maximum}`
  return schema({ type: 'integer', minimum, maximum, ...about(description) }, want, (value) => {
    return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
  })
}

export function flag(description?: string): Schema<boolean> {
  return schema(
    { type: 'boolean', ...about(description) },
    'true or false',
    (value) => typeof value === 'boolean',
  )
}

/** Any finite number. */
export function number(description?: string): Schema<number> {
  return schema({ type: 'number', ...about(description) }, 'a number', (value) => Number.isFinite(value))
}

/**
 * Text that UTF-8 can hold: a lone surrogate would be looked for as U+FFFD, and found as another id.
 *
 * JSON Schema counts characters, not bytes; its `maxLength` is what follows from `bytesMax`.
 */
export function text(bytesMin = 0, bytesMax?: number, description?: string): Schema<string> {
  const length = { ...(bytesMin > 0 && { minLength: 1 }), ...(bytesMax && { maxLength: bytesMax }) }
  const json = { type: 'string', ...length, ...about(description) }
  return {
    json,
    read(value, path) {
      if (typeof value !== 'string') throw new MismatchError(path, 'a string')
      if (bytesMax === undefined) return value
      const bytes = new TextEncoder().encode(value).length
      if (bytes >= bytesMin && bytes <= bytesMax && value.isWellFormed()) return value
      throw new MismatchError(path, `${bytesMin} to ${bytesMax} bytes of well-formed Unicode`)
    },
  }
}

/** A moment: ISO 8601 with its zone, or milliseconds since 1970 from 1973 on, so that seconds are told apart. */
export function moment(description?: string): Schema<string | number> {
  const [least, most] = [1e11, 1e14 - 1]
  const anyOf = [
    { type: 'integer', minimum: least, maximum: most },
    { type: 'string', pattern: isoMoment.source },
  ]
  return schema(
    { anyOf, ...about(description) },
    'a time in ISO 8601 with its zone, or in milliseconds',
    (value) => {
      const ms = typeof value === 'string' && isoMoment.test(value) ? Date.parse(value) : value
      return Number.isInteger(ms) && (ms as number) >= least && (ms as number) <= most
    },
  )
}

const isoMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** A text of another schema, and of this form besides. */
export function ofForm(inner: Schema<string>, form: RegExp, want: string): Schema<string> {
  return {
    json: { ...inner.json, pattern: form.source },
    read(value, path) {
      const found = inner.read(value, path)
      if (form.test(found)) return found
      throw new MismatchError(path, want)
    },
  }
}

/** One of some texts. */
export function choice<const T extends string>(...values: T[]): Schema<T> {
  return schema({ type: 'string', enum: values }, values.join(' or '), (value) => values.includes(value as T))
}

export function list<T>(item: Schema<T>, minItems = 0, maxItems?: number, description?: string): Schema<T[]> {
  const json = {
    type: 'array',
    items: item.json,
    ...(minItems > 0 && { minItems }),
    ...(maxItems && { maxItems }),
    ...about(description),
  }
  const most = maxItems ?? Number.POSITIVE_INFINITY
  return {
    json,
    read(value, path) {
      if (!Array.isArray(value)) throw new MismatchError(path, 'a list')
      if (value.length < minItems || value.length > most) {
        throw new MismatchError(path, `${minItems} to ${most} entries, not ${value.length}`)
      }
      return value.map((entry, i) => item.read(entry, `${path}[${i}]`))
    },
  }
}

type Fields = Readonly<Record<string, Schema<unknown>>>

type ObjectOf<F extends Fields> = {
  [K in keyof F as F[K] extends OptionalSchema<unknown> ? never : K]: Infer<F[K]>
} & { [K in keyof F as F[K] extends OptionalSchema<unknown> ? K : never]?: Infer<F[K]> }

/** A field that may be left out. */
export function optional<T>(inner: Schema<T>): OptionalSchema<T> {
  return { json: inner.json, optional: true, read: inner.read }
}

/** An object with these fields and no others. */
export function object<F extends Fields>(title: string, fields: F): Schema<ObjectOf<F>> {
  const names = Object.keys(fields)
  const required = names.filter((name) => !isOptional(fields[name]))
  const properties = Object.fromEntries(names.map((name) => [name, fields[name]?.json]))
  return {
    json: { title, type: 'object', properties, required, additionalProperties: false },
    read(value, path) {
      if (!isRecord(value)) throw new MismatchError(path, 'an object')
      const stranger = Object.keys(value).find((name) => !Object.hasOwn(fields, name))
      if (stranger !== undefined) {
        // A stranger's name comes from outside and may be as long as the body.
        throw new MismatchError(`${path}.${stranger.slice(0, 50)}`, `only the fields ${names.join(', ')}`)
      }
      const given = names.filter((name) => Object.hasOwn(value, name) || required.includes(name))
      return Object.fromEntries(
        given.map((name) => [name, fields[name]?.read(value[name], `${path}.${name}`)]),
      ) as ObjectOf<F>
    },
  }
}

/** An object whose fields have any names, and numbers as values. */
export function numbersByName(): Schema<Record<string, number>> {
  const json = { type: 'object', additionalProperties: { type: 'number' } }
  return schema(json, 'an object of numbers', (value) => {
    return isRecord(value) && Object.values(value).every(Number.isFinite)
  })
}

function schema<T>(json: JsonSchema, want: string, is: (value: unknown) => boolean): Schema<T> {
  return {
    json,
    read(value, path) {
      if (!is(value)) throw new MismatchError(path, want)
      return value as T
    },
  }
}

const about = (description: string | undefined) => (description === undefined ? {} : { description })

const isOptional = (field: Schema<unknown> | undefined) => field !== undefined && 'optional' in field

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
