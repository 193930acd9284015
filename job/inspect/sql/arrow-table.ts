import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { type DataType, Type, type Vector } from 'apache-arrow'
import { openArrow } from '../../data/arrow-batches.ts'
import { type DuckDbSession, sqlName } from '../../data/import/duckdb-session.ts'
import { throwIfCancelled } from '../../errors.ts'
import { fill } from '../../export/score-rows.ts'
import type { Store } from '../../store/store.ts'
import type { Watch } from '../file-facts.ts'

/** What DuckDB is told a column is, and how a value of it is handed over. */
interface ColumnForm {
  sql: 'VARCHAR' | 'DOUBLE' | 'BIGINT' | 'BOOLEAN'
  convert(value: unknown): DuckDBValue
}

/**
 * Arrow files as one table, `file`: texts, whole numbers, fractions and truth values are these; times are milliseconds since
 * 1970; anything else is its JSON. The columns are those of the first file.
 *
 * @returns the table, as a person reads it
 */
export async function loadArrow(
  session: DuckDbSession,
  store: Store,
  keys: readonly string[],
  { signal }: Watch,
): Promise<string> {
  const { VARCHAR, DOUBLE, BIGINT, BOOLEAN } = await import('@duckdb/node-api')
  const types: Record<ColumnForm['sql'], DuckDBType> = { VARCHAR, DOUBLE, BIGINT, BOOLEAN }
  const { schema } = await openArrow(store, keys[0])
  const columns = schema.fields.map(({ name, type }) => ({ name, form: formOf(type) }))
  await session.run(
    `CREATE TABLE "file" (${columns.map(({ name, form }) => `${sqlName(name)} ${form.sql}`).join(', ')})`,
  )
  for (const key of keys) {
    const arrow = await openArrow(store, key)
    for (let index = 0; index < arrow.batchCount; index++) {
      throwIfCancelled(signal)
      const batch = await arrow.read(index)
      const vectors = columns.map(({ name }) => batch.getChild(name))
      await fill(
        session,
        'file',
        columns.map(({ form }) => types[form.sql]),
        batch.numRows,
        (from, to) => columns.map(({ form }, n) => valuesOf(vectors[n], form, from, to)),
      )
    }
  }
  return `file(${columns.map(({ name }) => name).join(', ')})`
}

function valuesOf(vector: Vector | null, form: ColumnForm, from: number, to: number): DuckDBValue[] {
  return Array.from({ length: to - from }, (_, n) => {
    const value = vector?.get(from + n) ?? null
    return value === null ? null : form.convert(value)
  })
}

function formOf(type: DataType): ColumnForm {
  switch (type.typeId) {
    case Type.Utf8:
    case Type.LargeUtf8:
      return { sql: 'VARCHAR', convert: String }
    case Type.Dictionary:
      return formOf((type as DataType & { dictionary: DataType }).dictionary)
    case Type.Int:
      return { sql: 'BIGINT', convert: (value) => BigInt(value as number | bigint) }
    case Type.Float:
      return { sql: 'DOUBLE', convert: Number }
    case Type.Bool:
      return { sql: 'BOOLEAN', convert: Boolean }
    case Type.Timestamp:
    case Type.Date:
      return { sql: 'DOUBLE', convert: Number }
    default:
      return { sql: 'VARCHAR', convert: (value) => JSON.stringify(value, withoutBigInts) }
  }
}

function withoutBigInts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
