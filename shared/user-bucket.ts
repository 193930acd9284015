import { float32, list, utf8 } from '@uwdata/flechette'
import { BucketTable, encodeBucketTable } from './bucket-table.ts'
import type { UserRow } from './version-meta.ts'

const columns = ['user_id', 'item_ids', 'scores', 'history'] as const

/** A user bucket (`v/<versionId>/b/<n>`): `user_id: Utf8, item_ids: List<Utf8>, scores: List<Float32>, history: List<Utf8>`. */
export function encodeUserBucket(rows: readonly UserRow[]): Uint8Array {
  return encodeBucketTable({
    user_id: { type: utf8(), values: rows.map((row) => row.userId) },
    item_ids: { type: list(utf8()), values: rows.map((row) => row.itemIds) },
    scores: { type: list(float32()), values: rows.map((row) => row.scores) },
    history: { type: list(utf8()), values: rows.map((row) => row.history) },
  })
}

/**
 * Every row of a user bucket; scores come back as float32.
 *
 * @throws BucketError where `bytes` hold no user bucket
 */
export function decodeUserBucket(bytes: Uint8Array): UserRow[] {
  const table = openUserBucket(bytes)
  return Array.from({ length: table.rowCount }, (_, row) => userRow(table, row, table.text('user_id', row)))
}

/**
 * A user bucket to look into, more than once if wanted.
 *
 * @throws BucketError where `bytes` hold no user bucket
 */
export function openUserBucket(bytes: Uint8Array): BucketTable {
  return new BucketTable(bytes, columns)
}

/**
 * One user's row, without decoding any other; undefined where the bucket does not have the user.
 *
 * @param most how much of the list to decode
 */
export function findUser(table: BucketTable, userId: string, most?: number): UserRow | undefined {
  const row = table.findRow('user_id', userId)
  return row < 0 ? undefined : userRow(table, row, userId, most)
}

/** The ids of the first users, without decoding anything else of them. */
export function firstUserIds(table: BucketTable, count: number): string[] {
  return Array.from({ length: Math.min(count, table.rowCount) }, (_, row) => table.text('user_id', row))
}

function userRow(table: BucketTable, row: number, userId: string, most?: number): UserRow {
  return {
    userId,
    itemIds: table.texts('item_ids', row, most),
    scores: table.numbers('scores', row, most),
    // Most who ask for a list don't look at the history.
    get history() {
      return table.texts('history', row)
    },
  }
}
