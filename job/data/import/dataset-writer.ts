import {
  makeData,
  makeVector,
  Table,
  TimestampMillisecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import { throwIfCancelled } from '../../errors.ts'
import type { Store } from '../../store/store.ts'
import { writeArrowFile } from '../arrow-file.ts'
import type { InteractionRows, ItemTable } from '../dataset.ts'
import type { VouchedFile } from '../dataset-manifest.ts'
import type { DuckDbSession } from './duckdb-session.ts'

/** About a million rows a file: each passes through memory whole when it is written or read. */
export const partRows = 1_000_000

/** Writes a dataset's files and remembers which, so that a failure can take them back. */
export class DatasetWriter {
  readonly #store: Store
  readonly #paths: string[] = []

  constructor(store: Store) {
    this.#store = store
  }

  async write(path: string, columns: Record<string, Vector>): Promise<VouchedFile> {
    this.#paths.push(path)
    return writeArrowFile(this.#store, path, new Table(columns))
  }

  /** Deletes what was written, and nothing else. What cannot be deleted is left: no manifest names it. */
  async undo(): Promise<void> {
    for (const path of this.#paths.reverse()) {
      await this.#store.delete(path).catch(() => {})
    }
  }

  writeUsers(path: string, ids: string[]): Promise<VouchedFile> {
    return this.write(path, { user_id: textVector(ids) })
  }

  writeItems(path: string, items: ItemTable): Promise<VouchedFile> {
    return this.write(path, {
      item_id: textVector(items.ids),
      ...(items.titles === undefined ? {} : { title: textVector(items.titles) }),
      ...(items.categories === undefined ? {} : { category: textVector(items.categories) }),
    })
  }

  /** Writes rows as one part. */
  writeRows(path: string, rows: InteractionRows): Promise<VouchedFile> {
    return this.write(path, rowVectors(rows))
  }

  /** Writes a source's kept rows as parts, in the order of the source. */
  async writeParts(options: {
    session: DuckDbSession
    /** Which source, as `kept` numbers them. */
    source: number
    firstSequence: number
    hasWeight: boolean
    hasTime: boolean
    signal?: AbortSignal | undefined
    /** Told how many rows were written since the last call. */
    onRows: (count: number) => void
  }): Promise<(VouchedFile & { sequence: number })[]> {
    const { session, hasWeight, hasTime } = options
    const parts: (VouchedFile & { sequence: number })[] = []
    const rows = new PartRows(options)
    const flush = async () => {
      throwIfCancelled(options.signal)
      const sequence = options.firstSequence + parts.length
      const path = `interactions/part-${String(sequence).padStart(5, '0')}.arrow`
      const count = rows.length
      parts.push({ ...(await this.write(path, rows.take())), sequence })
      options.onRows(count)
    }
    const chunks = session.stream(`SELECT user_index.position, item_index.position, weight, time
      FROM kept JOIN user_index ON user_index.key = kept."user" JOIN item_index ON item_index.key = kept.item
      WHERE source = ${options.source} ORDER BY row`)
    for await (const chunk of chunks) {
      const users = chunk.getColumnVector(0)
      const items = chunk.getColumnVector(1)
      const weights = chunk.getColumnVector(2)
      const times = chunk.getColumnVector(3)
      for (let i = 0; i < chunk.rowCount; i++) {
        rows.add(
          users.getItem(i) as number,
          items.getItem(i) as number,
          hasWeight ? (weights.getItem(i) as number) : 0,
          hasTime ? (times.getItem(i) as bigint) : 0n,
        )
        if (rows.length === partRows) await flush()
      }
    }
    if (rows.length > 0) await flush()
    return parts
  }
}

/** The columns of one part while it fills. */
class PartRows {
  readonly #users = new Uint32Array(partRows)
  readonly #items = new Uint32Array(partRows)
  readonly #weights: Float32Array | undefined
  readonly #times: BigInt64Array | undefined
  length = 0

  constructor({ hasWeight, hasTime }: { hasWeight: boolean; hasTime: boolean }) {
    this.#weights = hasWeight ? new Float32Array(partRows) : undefined
    this.#times = hasTime ? new BigInt64Array(partRows) : undefined
  }

  add(user: number, item: number, weight: number, time: bigint): void {
    const at = this.length++
    this.#users[at] = user
    this.#items[at] = item
    if (this.#weights !== undefined) this.#weights[at] = weight
    if (this.#times !== undefined) this.#times[at] = time
  }

  /** The rows so far as Arrow columns. They share memory with this, so write them before the next `add`. */
  take(): Record<string, Vector> {
    const end = this.length
    this.length = 0
    return rowVectors({
      users: this.#users.subarray(0, end),
      items: this.#items.subarray(0, end),
      ...(this.#weights === undefined ? {} : { weights: this.#weights.subarray(0, end) }),
      ...(this.#times === undefined ? {} : { times: this.#times.subarray(0, end) }),
    })
  }
}

/** Rows as Arrow columns. */
function rowVectors({ users, items, weights, times }: InteractionRows): Record<string, Vector> {
  return {
    user: makeVector(users),
    item: makeVector(items),
    ...(weights === undefined ? {} : { weight: makeVector(weights) }),
    ...(times === undefined
      ? {}
      : { time: makeVector(makeData({ type: new TimestampMillisecond(), data: times })) }),
  }
}

function textVector(texts: string[]): Vector {
  return vectorFromArray(texts, new Utf8())
}
