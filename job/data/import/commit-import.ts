import { NightjarError, throwIfCancelled } from '../../errors.ts'
import { type Dataset, datasetManifestPath, openDataset } from '../dataset.ts'
import { type DatasetManifest, datasetDigest } from '../dataset-manifest.ts'
import { writeJsonFile } from '../json-file.ts'
import { DatasetWriter } from './dataset-writer.ts'
import type { DuckDbSession } from './duckdb-session.ts'
import { deleteOldIdFiles, writeIdFiles } from './id-files.ts'
import type { ImportOptions } from './import-options.ts'
import type { ImportPlan } from './import-plan.ts'
import type { NumberedIds } from './number-ids.ts'
import type { RowCounts } from './select-rows.ts'

/** An import whose rows are chosen and numbered, and of which nothing is written yet. */
export interface PreparedImport {
  session: DuckDbSession
  options: ImportOptions
  plan: ImportPlan
  /** The dataset that is appended to, if there is one. */
  dataset: Dataset | undefined
  minRating: number | undefined
  /** What became of each source's rows. */
  counts: (RowCounts & { rowsRead: number; rejected: number; ignoredEvents?: number })[]
  known: NumberedIds
  ids: NumberedIds
  /** Of the files of titles. */
  unreadTitleColumns: string[]
}

/**
 * Writes parts, then ids, then the manifest, which makes them count. Where any of it fails, the files written
 * so far are deleted, and the dataset that was there stays as it was.
 */
export async function commitImport(prepared: PreparedImport): Promise<DatasetManifest> {
  const { options, dataset } = prepared
  const writer = new DatasetWriter(options.out)
  let manifest: DatasetManifest
  try {
    manifest = await writeFiles(prepared, writer)
    throwIfCancelled(options.signal)
    if (dataset !== undefined) await refuseCompacted(dataset)
    await writeJsonFile(options.out, datasetManifestPath, manifest)
  } catch (error) {
    await writer.undo()
    throw error
  }
  if (dataset !== undefined) {
    // The import is done: a file too many does no harm, and the next append tries again.
    await deleteOldIdFiles(options.out, dataset.manifest, manifest).catch(() => {})
  }
  return manifest
}

/** A manifest made from the one before would name parts that compacting has deleted. */
async function refuseCompacted({ store, manifest }: Dataset): Promise<void> {
  const now = await openDataset(store)
  if (now.manifest.generation === manifest.generation) return
  throw new NightjarError('DATASET_CHANGED', {
    what: `${store.uri} was compacted while this import ran`,
    why: '`nightjar compact` and an import into one dataset must not run at the same time',
    fix: 'import again',
  })
}

async function writeFiles(prepared: PreparedImport, writer: DatasetWriter): Promise<DatasetManifest> {
  const { session, options, plan, dataset, counts, known, ids } = prepared
  const before = dataset?.manifest
  const columns: DatasetManifest['columns'] = before?.columns ?? [
    'user',
    'item',
    ...(plan.hasWeight ? (['weight'] as const) : []),
    ...(plan.hasTime ? (['time'] as const) : []),
  ]
  const parts = [...(before?.parts ?? [])]
  const firstSource = before?.sources.length ?? 0
  const rows = counts.reduce((sum, count) => sum + count.kept, 0)
  let written = 0
  options.progress.start('write', rows, { unit: 'rows' })
  for (let i = 0; i < plan.sources.length; i++) {
    const added = await writer.writeParts({
      session,
      source: i,
      firstSequence: parts.length,
      hasWeight: columns.includes('weight'),
      hasTime: columns.includes('time'),
      signal: options.signal,
      onRows(count) {
        written += count
        options.progress.update(written)
      },
    })
    parts.push(...added.map((part) => ({ ...part, source: firstSource + i })))
  }
  const idFiles = await writeIdFiles(writer, ids, known, before)
  options.progress.end()

  const now = options.clock.now().toISOString()
  const size = { users: ids.users.length, items: ids.items.ids.length }
  return {
    format: 'nightjar-dataset',
    schemaVersion: 1,
    digest: datasetDigest(size, parts),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    counts: { ...size, interactions: (before?.counts.interactions ?? 0) + rows },
    columns,
    ...idFiles,
    ...(before?.generation !== undefined && { generation: before.generation }),
    parts,
    sources: [
      ...(before?.sources ?? []),
      ...plan.sources.map(({ source, digest }, i) => {
        const { rowsRead, kept, ...dropped } = counts[i]
        return { name: source.name, digest, importedAt: now, rowsRead, rowsKept: kept, ...dropped }
      }),
    ],
    options: before?.options ?? {
      minRating: options.minRating ?? null,
      minCount: options.minCount ?? null,
    },
  }
}
