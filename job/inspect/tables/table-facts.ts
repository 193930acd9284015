import type { Vector } from 'apache-arrow'
import { openArrow } from '../../data/arrow-batches.ts'
import { DuckDbSession } from '../../data/import/duckdb-session.ts'
import { NightjarError } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import { type Fault, FaultLog } from '../fault.ts'
import { type FileFacts, lookAtFiles, type Watch } from '../file-facts.ts'
import { voucherOf } from '../voucher.ts'
import { parquetView } from './parquet-view.ts'

/** A table of any columns, as far as it can be told without knowing what it means. */
export interface TableReport {
  kind: 'arrow' | 'parquet'
  place: string
  files: FileFacts[]
  rows: number
  /** Null for Parquet. */
  batches: number | null
  columns: { name: string; type: string; nulls: number }[]
  /** The first rows, each value as text. */
  first: string[][]
  faults: Fault[]
}

const firstMax = 5

/** An Arrow file, or a folder of them, that nightjar has no other name for; a batch at a time. */
export async function surveyArrow(
  { place, store, keys }: { place: string; store: Store; keys: readonly string[] },
  watch: Watch,
): Promise<TableReport> {
  const faults = new FaultLog()
  const files = await filesOf(store, keys, faults, watch)
  const report: TableReport = {
    kind: 'arrow',
    place,
    files,
    rows: 0,
    batches: 0,
    columns: [],
    first: [],
    faults: [],
  }
  let batches = 0
  for (const key of keys) {
    const arrow = await openArrow(store, key)
    for (const { name, type } of arrow.schema.fields) {
      if (!report.columns.some((column) => column.name === name)) {
        report.columns.push({ name, type: String(type), nulls: 0 })
      }
    }
    for (let index = 0; index < arrow.batchCount; index++) {
      const batch = await arrow.read(index)
      const vectors = report.columns.map(({ name }) => batch.getChild(name))
      report.columns.forEach((column, n) => {
        column.nulls += vectors[n]?.nullCount ?? batch.numRows
      })
      for (let row = 0; row < batch.numRows && report.first.length < firstMax; row++) {
        report.first.push(vectors.map((vector) => textOf(vector, row)))
      }
      report.rows += batch.numRows
      batches++
    }
  }
  return { ...report, batches, faults: faults.faults }
}

/** @throws NightjarError PARQUET_UNREADABLE; UsageError for a file in a bucket */
export async function surveyParquet(
  { place, store, key }: { place: string; store: Store; key: string },
  watch: Watch,
): Promise<TableReport> {
  const faults = new FaultLog()
  const files = await filesOf(store, [key], faults, watch)
  const session = await DuckDbSession.open(watch.signal)
  try {
    await session.run(parquetView(store, key, 'file'))
    const described = await session.rows('SELECT column_name, column_type FROM (DESCRIBE file)')
    const columns = described.map(([name, type]) => ({ name: String(name), type: String(type) }))
    const nulls = columns.map(({ name }) => `count(*) - count("${name.replaceAll('"', '""')}")`)
    const [counted = []] = await session.rows(`SELECT count(*), ${nulls.join(', ')} FROM file`)
    const first = await session.rows(`SELECT * FROM file LIMIT ${firstMax}`)
    return {
      ...{ kind: 'parquet', place, files, rows: Number(counted[0]), batches: null },
      columns: columns.map((column, n) => ({ ...column, nulls: Number(counted[n + 1]) })),
      first: first.map((row) => row.map((value) => String(value ?? 'null'))),
      faults: faults.faults,
    }
  } catch (cause) {
    throw new NightjarError('PARQUET_UNREADABLE', {
      what: `${place} cannot be read as Parquet: ${cause instanceof Error ? cause.message : cause}`,
      why: 'a copy that broke off',
      cause,
    })
  } finally {
    session.close()
  }
}

async function filesOf(
  store: Store,
  keys: readonly string[],
  faults: FaultLog,
  watch: Watch,
): Promise<FileFacts[]> {
  const files = await Promise.all(
    keys.map(async (path) => {
      const vouched = await voucherOf(store, path)
      return { path, ...(vouched && { vouched }) }
    }),
  )
  return lookAtFiles(store, files, faults, watch)
}

function textOf(vector: Vector | null, row: number): string {
  const value = vector?.get(row) ?? null
  if (value === null || typeof value === 'string') return String(value)
  return typeof value === 'object' && 'toJSON' in value ? JSON.stringify(value) : String(value)
}
