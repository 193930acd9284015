import type { UserRange } from '../data/rating-matrix.ts'

/** A score part before it is written: its name and its users. */
export interface PartPlace extends UserRange {
  path: string
}

/** One of `of` jobs that share an export. */
export interface Shard {
  /** From 0, as AWS Batch counts the children of an array. */
  index: number
  of: number
}

/** Users in a part, unless a test wants fewer: a batch of 65,536 x 100 is about 55 MB. */
export const partUsersMax = 65_536

/** Where a part ends depends on the number of users alone, so every shard knows all parts' places. */
export function partPlaces(userCount: number, partUsers: number): PartPlace[] {
  return Array.from({ length: Math.ceil(userCount / partUsers) }, (_, n) => ({
    path: `scores/part-${String(n).padStart(5, '0')}.arrow`,
    first: n * partUsers,
    end: Math.min((n + 1) * partUsers, userCount),
  }))
}

/** A shard's places: consecutive whole parts, as many as the others have or one more. None where shards outnumber parts. */
export function placesOf({ index, of }: Shard, places: readonly PartPlace[]): PartPlace[] {
  const startOf = (shard: number) => Math.floor((shard * places.length) / of)
  return places.slice(startOf(index), startOf(index + 1))
}
