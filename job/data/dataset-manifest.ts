import { createHash } from 'node:crypto'
import * as z from 'zod'

/** A file that a manifest vouches for. */
export const vouchedFile = z.object({
  path: z.string(),
  rows: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type VouchedFile = z.infer<typeof vouchedFile>

const part = vouchedFile.extend({
  /** Counts up over all imports, from 0. */
  sequence: z.number().int().nonnegative(),
  /** Which of `sources` these rows came from. */
  source: z.number().int().nonnegative(),
  /** What its digest was before it was compacted, oldest first; left out where it never was. */
  earlier: z
    .array(
      z.object({
        sha256: vouchedFile.shape.sha256,
        /** The last generation of the dataset in which it was so. */
        through: z.number().int().nonnegative(),
      }),
    )
    .optional(),
})

const source = z.object({
  /** File name (or names) as imported; no folder, for a manifest travels. */
  name: z.string(),
  /** sha256 of the source's bytes and of the options that change what is read from them. */
  digest: z.string(),
  importedAt: z.string(),
  rowsRead: z.number().int(),
  /** Rows written to the parts. */
  rowsKept: z.number().int(),
  rejected: z.number().int(),
  /** Events of weight 0; left out where the source was read without events. */
  ignoredEvents: z.number().int().optional(),
  duplicates: z.number().int(),
  belowMinRating: z.number().int(),
  belowMinCount: z.number().int(),
})

/** `manifest.json` of a dataset: written last, it vouches for every other file. See docs/formats.md. */
export const datasetManifest = z.object({
  format: z.literal('nightjar-dataset'),
  schemaVersion: z.literal(1),
  digest: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  counts: z.object({
    users: z.number().int(),
    items: z.number().int(),
    /** Rows over all parts; a pair that was imported twice counts twice. */
    interactions: z.number().int(),
  }),
  columns: z.array(z.enum(['user', 'item', 'weight', 'time'])),
  users: vouchedFile,
  items: vouchedFile,
  /** How often the dataset was compacted; left out where it never was. */
  generation: z.number().int().nonnegative().optional(),
  parts: z.array(part),
  sources: z.array(source),
  options: z.object({ minRating: z.number().nullable(), minCount: z.number().int().nullable() }),
})
export type DatasetManifest = z.infer<typeof datasetManifest>

/**
 * What a dataset holds, in one sha256: its size and its parts' digests in order. A dataset only grows at the
 * end, so the digest of what it was can be told from its first parts: a run finds again just what it was trained on.
 */
export function datasetDigest(
  counts: { users: number; items: number },
  parts: readonly { sha256: string }[],
): string {
  const told = JSON.stringify([counts.users, counts.items, parts.map((p) => p.sha256)])
  return createHash('sha256').update(told).digest('hex')
}

/** Every digest that a dataset had when it ended at `extent`, one for each generation. */
export function digestsEver(
  manifest: DatasetManifest,
  extent: { users: number; items: number; parts: number },
): Set<string> {
  const parts = manifest.parts.slice(0, extent.parts)
  const digests = new Set([datasetDigest(extent, parts)])
  for (let generation = 0; generation < (manifest.generation ?? 0); generation++) {
    const then = parts.map(
      ({ sha256, earlier }) => earlier?.find(({ through }) => through >= generation) ?? { sha256 },
    )
    digests.add(datasetDigest(extent, then))
  }
  return digests
}
