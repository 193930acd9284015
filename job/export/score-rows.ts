import type { DuckDBAppender, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { DuckDbSession } from '../data/import/duckdb-session.ts'
import type { Catalogue, ScoreBatch } from './score-batch.ts'

/** Rows in a chunk of DuckDB. */
const chunkRows = 2048

/**
 * Lists as a table of DuckDB, `scores(user_id, rank, item_id, score)`, ranks from 1: a view over rows of numbers, for texts would
 * take ten times as much. The columns go in as arrays; DuckDB has no reader of Arrow that works without a network.
 */
export class ScoreRows {
  readonly #session: DuckDbSession
  #users = 0

  private constructor(session: DuckDbSession) {
    this.#session = session
  }

  static async open(session: DuckDbSession): Promise<ScoreRows> {
    await session.run('CREATE TABLE score_rows (list INTEGER, rank INTEGER, item INTEGER, score FLOAT)')
    await session.run('CREATE TABLE score_lists (list INTEGER, user_id VARCHAR)')
    await session.run('CREATE TABLE score_items (item INTEGER, item_id VARCHAR)')
    await session.run(
      'CREATE VIEW scores AS SELECT user_id, rank, item_id, score FROM score_rows JOIN score_lists USING (list) JOIN score_items USING (item)',
    )
    return new ScoreRows(session)
  }

  /** @param most items of a list that count */
  async add(batch: ScoreBatch, most = Number.POSITIVE_INFINITY): Promise<void> {
    const { INTEGER, FLOAT, VARCHAR } = await import('@duckdb/node-api')
    const { rows, offsets, items, scoreOffsets, scores, userIds } = batch
    const first = this.#users
    this.#users += rows
    await fill(this.#session, 'score_lists', [INTEGER, VARCHAR], rows, (from, to) => [
      Int32Array.from({ length: to - from }, (_, n) => first + from + n),
      Array.from({ length: to - from }, (_, n) => userIds.at(from + n)),
    ])
    const taken = Int32Array.from({ length: rows }, (_, row) =>
      Math.min(most, offsets[row + 1] - offsets[row], scoreOffsets[row + 1] - scoreOffsets[row]),
    )
    const total = taken.reduce((sum, length) => sum + length, 0)
    let row = 0
    let rank = 0
    await fill(this.#session, 'score_rows', [INTEGER, INTEGER, INTEGER, FLOAT], total, (from, to) => {
      const length = to - from
      const lists = new Int32Array(length)
      const ranks = new Int32Array(length)
      const itemsHere = new Int32Array(length)
      const scoresHere = new Float32Array(length)
      for (let n = 0; n < length; n++, rank++) {
        for (; rank === taken[row]; rank = 0) row++
        lists[n] = first + row
        ranks[n] = rank + 1
        itemsHere[n] = items[offsets[row] + rank]
        scoresHere[n] = scores[scoreOffsets[row] + rank]
      }
      return [lists, ranks, itemsHere, scoresHere]
    })
  }

  /** The items' ids, once all batches are in. */
  async name({ ids }: Catalogue): Promise<void> {
    const { INTEGER, VARCHAR } = await import('@duckdb/node-api')
    await fill(this.#session, 'score_items', [INTEGER, VARCHAR], ids.length, (from, to) => [
      Int32Array.from({ length: to - from }, (_, n) => from + n),
      ids.slice(from, to),
    ])
  }

  /** Forgets the rows, for the next part. */
  async clear(): Promise<void> {
    for (const table of ['score_rows', 'score_lists', 'score_items'])
      await this.#session.run(`TRUNCATE ${table}`)
    this.#users = 0
  }
}

/** Columns of a chunk: typed arrays do as well as plain ones, for they are read by their index. */
export type ChunkColumns = ArrayLike<DuckDBValue>[]

/** Appends rows chunk by chunk. @param columns of the rows from `from` up to `to` */
export async function fill(
  session: DuckDbSession,
  table: string,
  types: DuckDBType[],
  rows: number,
  columns: (from: number, to: number) => ChunkColumns,
): Promise<void> {
  const { DuckDBDataChunk } = await import('@duckdb/node-api')
  const appender: DuckDBAppender = await session.appender(table)
  for (let from = 0; from < rows; from += chunkRows) {
    const to = Math.min(rows, from + chunkRows)
    const chunk = DuckDBDataChunk.create(types, to - from)
    columns(from, to).forEach((values, n) => {
      chunk.setColumnValues(n, values as readonly DuckDBValue[])
    })
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}
