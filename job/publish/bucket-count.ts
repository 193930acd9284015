/**
 * How many users share a KV value. One key per user would be written and cached a million times over; a bucket
 * is read whole by a request for one of them: of about 64 it is some 130 kB, which cost hardly more than a short
 * value, and twice that costs a request half as much again as reading (docs/reference/operations.md).
 */
export const usersPerBucket = 64

/** Items' rows are a tenth of a user's, and a request prints several items: fewer buckets are fewer reads. */
export const itemsPerBucket = 512

/** KV takes 25 MiB, but a worker's isolate has 128 MB for everything. */
export const valueBytesMax = 10_000_000

/** The power of two that puts about `perBucket` of `count` into each bucket; at least 1. */
export function bucketCountFor(count: number, perBucket: number): number {
  return 2 ** Math.max(0, Math.round(Math.log2(count / perBucket)))
}
