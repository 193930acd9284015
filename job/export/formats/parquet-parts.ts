import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDbSession, sqlText } from '../../data/import/duckdb-session.ts'
import { FileStore } from '../../store/file-store.ts'
import type { Store, Written } from '../../store/store.ts'
import type { Catalogue, ScoreBatch } from '../score-batch.ts'
import { ScoreRows } from '../score-rows.ts'
import type { PartFormat } from './export-format.ts'

const pieceBytes = 16 << 20

/** `user_id: string, rank: int32, item_id: string, score: float`, a row an item, compressed by Snappy. Written by DuckDB. */
export class ParquetParts implements PartFormat {
  readonly #session: DuckDbSession
  readonly #rows: ScoreRows
  readonly #k: number
  /** DuckDB writes to a path; the store's place may be a bucket. */
  readonly #aside = new FileStore(join(tmpdir(), `nightjar-parquet-${randomBytes(6).toString('hex')}`))

  private constructor(session: DuckDbSession, rows: ScoreRows, k: number) {
    this.#session = session
    this.#rows = rows
    this.#k = k
  }

  static async open(k: number, signal: AbortSignal | undefined): Promise<ParquetParts> {
    const session = await DuckDbSession.open(signal)
    return new ParquetParts(session, await ScoreRows.open(session), k)
  }

  async write(
    batches: AsyncIterable<ScoreBatch>,
    catalogue: Catalogue,
    store: Store,
    path: string,
  ): Promise<Written> {
    for await (const batch of batches) await this.#rows.add(batch, this.#k)
    await this.#rows.name(catalogue)
    // The store makes the folder.
    await this.#aside.put(path, new Uint8Array())
    const target = join(this.#aside.uri, path)
    await this.#session.run(
      `COPY (SELECT user_id, rank, item_id, score FROM score_rows JOIN score_lists USING (list)
       JOIN score_items USING (item) ORDER BY list, rank) TO ${sqlText(target)} (FORMAT parquet)`,
    )
    await this.#rows.clear()
    const written = await store.put(path, bytesOf(this.#aside, path))
    await this.#aside.delete(path)
    return written
  }

  async close(): Promise<void> {
    this.#session.close()
    for (const { key } of await this.#aside.list()) await this.#aside.delete(key)
  }
}

async function* bytesOf(store: Store, path: string): AsyncGenerator<Uint8Array> {
  const size = (await store.size(path)) ?? 0
  for (let offset = 0; offset < size; offset += pieceBytes) {
    yield await store.read(path, { offset, length: pieceBytes })
  }
}
