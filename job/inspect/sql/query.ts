import { join } from 'node:path'
import type { DuckDBValue } from '@duckdb/node-api'
import { type Dataset, openDataset } from '../../data/dataset.ts'
import { DuckDbSession, firstLine, sqlText } from '../../data/import/duckdb-session.ts'
import { CancelledError, NightjarError, UsageError } from '../../errors.ts'
import { ScoreRows } from '../../export/score-rows.ts'
import type { Watch } from '../file-facts.ts'
import { catalogueOf, openScores, type ScoreSet, scoreBatches } from '../scores/score-set.ts'
import type { Subject } from '../subject.ts'
import { parquetView } from '../tables/parquet-view.ts'
import { loadArrow } from './arrow-table.ts'
import { datasetTables, loadDataset } from './dataset-tables.ts'

export interface SqlReport {
  kind: 'sql'
  place: string
  sql: string
  columns: { name: string; type: string }[]
  rows: SqlValue[][]
}

type SqlValue = string | number | boolean | null

/**
 * Answers a query over the files, in a DuckDB of its own that is gone afterwards and can reach no other file. Only tables that
 * the query names are filled, with numbers in place of ids, so that a hundred million rows fit; what does not fit in memory spills
 * into the temporary folder.
 *
 * @throws UsageError where DuckDB does not understand the query, with the tables that there are; NightjarError SQL_FAILED
 */
export async function query(
  subject: Subject,
  sql: string,
  watch: Watch,
  datasetUri?: string,
): Promise<SqlReport> {
  const session = await DuckDbSession.open(watch.signal)
  try {
    const tables = await load(session, subject, sql, watch, datasetUri)
    await closeOff(session, subject)
    const { names, types, rows } = await answered(session, sql, tables)
    const columns = names.map((name, n) => ({ name, type: types[n] }))
    return { kind: 'sql', place: subject.place, sql, columns, rows: rows.map((row) => row.map(plain)) }
  } finally {
    session.close()
  }
}

/** @returns the tables that there are, with their columns */
async function load(
  session: DuckDbSession,
  subject: Subject,
  sql: string,
  watch: Watch,
  datasetUri: string | undefined,
): Promise<string[]> {
  const wants = (table: string) => new RegExp(`\\b${table}\\b`, 'i').test(sql)
  switch (subject.kind) {
    case 'run':
    case 'scores': {
      const set = await openScores(subject, datasetUri)
      if (wants('scores')) await loadScores(session, set, watch)
      const { dataset } = set
      if (dataset !== undefined) await loadDataset(session, dataset, wants)
      return [
        'scores(user_id, rank, item_id, score)',
        ...(dataset === undefined ? [] : datasetTables(dataset)),
      ]
    }
    case 'dataset': {
      const dataset: Dataset = await openDataset(subject.store)
      await loadDataset(session, dataset, wants)
      return datasetTables(dataset)
    }
    case 'arrow':
      return [await loadArrow(session, subject.store, subject.keys, watch)]
    case 'parquet': {
      await session.run(parquetView(subject.store, subject.key, 'file'))
      const described = await session.rows('SELECT column_name FROM (DESCRIBE file)')
      return [`file(${described.join(', ')})`]
    }
    case 'runs':
    case 'weights':
      throw new RangeError(`${subject.kind} have no rows`)
  }
}

async function loadScores(session: DuckDbSession, set: ScoreSet, { progress }: Watch): Promise<void> {
  const catalogue = await catalogueOf(set)
  const rows = await ScoreRows.open(session)
  progress.start('load', set.files.length, { unit: 'files' })
  for await (const { file, batch } of scoreBatches(set, catalogue)) {
    await rows.add(batch)
    progress.update(set.files.indexOf(file) + 1)
  }
  await rows.name(catalogue)
  progress.end()
  const [damaged] = set.faults.faults.filter(({ name }) => name === 'UNREADABLE')
  if (damaged !== undefined) {
    throw new NightjarError('SCORES_DAMAGED', {
      what: damaged.examples.join('; '),
      fix: `nightjar inspect ${set.place}   says more`,
    })
  }
}

/** From here on no statement can read or write a file, but for the Parquet file itself. */
async function closeOff(session: DuckDbSession, subject: Subject): Promise<void> {
  if (subject.kind === 'parquet') {
    await session.run(`SET allowed_paths = [${sqlText(join(subject.store.uri, subject.key))}]`)
  }
  await session.run('SET enable_external_access = false')
  await session.run('SET lock_configuration = true')
}

async function answered(session: DuckDbSession, sql: string, tables: readonly string[]) {
  try {
    return await session.table(sql)
  } catch (cause) {
    if (cause instanceof CancelledError) throw cause
    const message = firstLine(cause instanceof Error ? cause.message : String(cause))
    if (/^(Parser|Binder|Catalog|Permission|Syntax) Error/i.test(message)) {
      throw new UsageError(`--sql: ${message}`, `the tables are ${tables.join(', ')}`)
    }
    throw new NightjarError('SQL_FAILED', { what: `--sql: ${message}`, cause })
  }
}

function plain(value: DuckDBValue): SqlValue {
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  return String(value)
}
