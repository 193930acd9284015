import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Dataset } from '../data/dataset.ts'
import type { UserRange } from '../data/rating-matrix.ts'
import type { Run } from '../data/run.ts'
import { type PartPlace, partPlaces } from './part-places.ts'

/** Which lists are wanted. */
export interface ListOptions {
  run: Run
  /** Where the dataset lies now, if it was moved. */
  datasetUri?: string
  /** Items in a list. */
  k: number
  /** Recommend known items again: for what is bought or heard repeatedly. */
  includeSeen: boolean
  /** Users in a part; at most 65,536, for a part is one record batch. */
  partUsers: number
}

/** Everything that shapes lists, but for who computes them. */
export const listShape = z.object({
  versionId: z.string(),
  /** sha256 of the weights. */
  weights: z.string(),
  /** Digest of the dataset that the run was trained on. */
  dataset: z.string(),
  /** sha256 of the indexes of the users who are forgotten. */
  forgotten: z.string(),
  k: z.number().int(),
  includeSeen: z.boolean(),
  partUsers: z.number().int(),
})
export type ListShape = z.infer<typeof listShape>

/** Lists to be written: the options, and what was looked up for them. */
export interface Lists extends ListOptions {
  dataset: Dataset
  /** By index; '' where somebody is forgotten. */
  userIds: string[]
  places: PartPlace[]
}

/** @throws NightjarError as {@link Run.openDataset} */
export async function openLists(options: ListOptions): Promise<Lists> {
  const { run, datasetUri, partUsers } = options
  const dataset = await run.openDataset(datasetUri)
  const userIds = await dataset.userIds(run.extent)
  return { ...options, dataset, userIds, places: partPlaces(userIds.length, partUsers) }
}

/** Users of a range who get a list: who is forgotten gets none, and keeps the place among the indexes. */
export function listedUsers({ userIds }: Lists, { first, end }: UserRange): Uint32Array {
  return Uint32Array.from({ length: end - first }, (_, row) => first + row).filter(
    (user) => userIds[user] !== '',
  )
}

export function shapeOf({ run, k, includeSeen, partUsers, userIds }: Lists): ListShape {
  const { versionId, weights, dataset } = run.manifest
  const forgotten = [...userIds.keys()].filter((user) => userIds[user] === '')
  return {
    versionId,
    weights: weights.sha256,
    dataset: dataset.digest,
    forgotten: createHash('sha256').update(JSON.stringify(forgotten)).digest('hex'),
    k,
    includeSeen,
    partUsers,
  }
}
