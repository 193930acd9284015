import { bucketOf } from '../../shared/kv-keys.ts'

/** Which bucket each id goes to, and in which order they stand there. An empty id, a forgotten user's, goes to none. */
export interface BucketPlan {
  bucketCount: number
  /** Indexes (of users, or of items) bucket by bucket, ascending within each. `[ids that are not empty]` */
  order: Uint32Array
  /** Bucket b's indexes are `order[offsets[b] .. offsets[b + 1]]`. `[bucketCount + 1]` */
  offsets: Uint32Array
  /** Where in `order` each index stands; {@link noPlace} for an empty id. `[ids]` */
  placeOf: Uint32Array
}

/** Behind every place, so that no pass takes it. */
export const noPlace = 0xffffffff

export function planBuckets(ids: readonly string[], bucketCount: number): BucketPlan {
  const buckets = Uint32Array.from(ids, (id) => (id === '' ? noPlace : bucketOf(id, bucketCount)))
  const offsets = new Uint32Array(bucketCount + 1)
  for (const bucket of buckets) if (bucket !== noPlace) offsets[bucket + 1]++
  for (let b = 0; b < bucketCount; b++) offsets[b + 1] += offsets[b]
  const next = offsets.slice(0, bucketCount)
  const order = new Uint32Array(offsets[bucketCount])
  const placeOf = new Uint32Array(ids.length).fill(noPlace)
  for (let index = 0; index < ids.length; index++) {
    if (buckets[index] === noPlace) continue
    const place = next[buckets[index]]++
    placeOf[index] = place
    order[place] = index
  }
  return { bucketCount, order, offsets, placeOf }
}

/** The places in `order` that one pass takes: whole buckets, from `firstBucket` up to `endBucket`. */
export interface Pass {
  firstBucket: number
  endBucket: number
  firstPlace: number
  endPlace: number
}

/** Cuts a plan into passes of at most `placesMax` places; a bucket that is larger alone is a pass alone. */
export function passesOf(plan: BucketPlan, placesMax: number): Pass[] {
  const passes: Pass[] = []
  let first = 0
  while (first < plan.bucketCount) {
    let end = first + 1
    while (end < plan.bucketCount && plan.offsets[end + 1] - plan.offsets[first] <= placesMax) end++
    passes.push({
      firstBucket: first,
      endBucket: end,
      firstPlace: plan.offsets[first],
      endPlace: plan.offsets[end],
    })
    first = end
  }
  return passes
}
