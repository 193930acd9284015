import type { Clock } from '../clock.ts'
import { NightjarError, throwIfCancelled } from '../errors.ts'
import type { Progress } from '../progress.ts'
import type { Store } from '../store/store.ts'
import { type Dataset, datasetManifestPath, openDataset, rowsWithout } from './dataset.ts'
import { type DatasetManifest, datasetDigest, datasetManifest } from './dataset-manifest.ts'
import { readForgotten, writeForgotten } from './forgotten.ts'
import { DatasetWriter } from './import/dataset-writer.ts'
import { compactedUsersPath } from './import/id-files.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'

export interface CompactOptions {
  clock: Clock
  progress: Progress
  signal?: AbortSignal
}

export interface CompactReport {
  /** Users whose id and rows are gone now. */
  users: number
  /** Rows that are gone now, and parts that held them. */
  rows: number
  parts: number
  /** Files that no manifest names any more, deleted. */
  deleted: string[]
  digest: string
}

/**
 * Takes the bytes of forgotten users out of a dataset: parts that hold their rows are written anew without them,
 * and '' stands in place of their ids, so that every index stays. Runs that were trained before still open.
 *
 * New files have new names, and the manifest, which makes them count, comes after them; the old files are deleted last. A
 * kill at any moment leaves the dataset as it was, still with its tombstones, or as it is to be; the next run of this
 * deletes what is left over. It must not run beside an import into the same dataset.
 *
 * @throws NightjarError DATASET_CHANGED where an import finished meanwhile; nothing was changed then
 */
export async function compactDataset(dataset: Dataset, options: CompactOptions): Promise<CompactReport> {
  const { store } = dataset
  const { progress, signal } = options
  const writer = new DatasetWriter(store)
  let written: { manifest: DatasetManifest; users: number; rows: number; parts: number }
  try {
    written = await writeWithout(dataset, writer, options)
    throwIfCancelled(signal)
    if (written.manifest !== dataset.manifest) {
      await checkUnchanged(dataset)
      await writeJsonFile(store, datasetManifestPath, written.manifest)
    }
  } catch (error) {
    // A manifest whose answer was lost may have arrived all the same, and names the new files then.
    const now = await manifestNow(store).catch(() => undefined)
    if (now !== undefined && now.generation === dataset.manifest.generation) await writer.undo()
    throw error
  } finally {
    progress.end()
  }
  const { manifest, ...counts } = written
  const deleted = await deleteUnnamed(await openDataset(store))
  // Tombstones that came meanwhile stay: their rows are still there.
  const done = new Set(dataset.forgotten)
  const since = (await readForgotten(store)).filter((user) => !done.has(user))
  if (done.size > 0) await writeForgotten(store, since)
  return { ...counts, deleted, digest: manifest.digest }
}

/** Writes what changes under new names. The manifest is the dataset's own where nothing does. */
async function writeWithout(
  dataset: Dataset,
  writer: DatasetWriter,
  { clock, progress, signal }: CompactOptions,
): Promise<{ manifest: DatasetManifest; users: number; rows: number; parts: number }> {
  const before = dataset.manifest
  const forgotten = new Set(dataset.forgotten)
  const generation = before.generation ?? 0
  const parts = [...before.parts]
  let rows = 0
  progress.start('compact', parts.length, { unit: 'files' })
  for (const [n, part] of before.parts.entries()) {
    throwIfCancelled(signal)
    if (forgotten.size > 0) {
      const held = await dataset.storedRows(part)
      const kept = rowsWithout(held, forgotten)
      if (kept !== held) {
        const file = await writer.writeRows(pathOf(part.sequence, generation + 1), kept)
        const earlier = [...(part.earlier ?? []), { sha256: part.sha256, through: generation }]
        parts[n] = { ...part, ...file, earlier }
        rows += held.users.length - kept.users.length
      }
    }
    progress.update(n + 1)
  }
  const ids = await dataset.storedUserIds()
  const named = dataset.forgotten.filter((user) => user < ids.length && ids[user] !== '')
  if (rows === 0 && named.length === 0) return { manifest: before, users: 0, rows: 0, parts: 0 }
  for (const user of named) ids[user] = ''
  const users =
    named.length === 0
      ? before.users
      : await writer.writeUsers(compactedUsersPath(before.users, generation + 1), ids)
  const counts = { ...before.counts, interactions: before.counts.interactions - rows }
  return {
    manifest: {
      ...before,
      digest: datasetDigest(counts, parts),
      updatedAt: clock.now().toISOString(),
      counts,
      users,
      generation: generation + 1,
      parts,
    },
    users: named.length,
    rows,
    parts: parts.filter((part, n) => part !== before.parts[n]).length,
  }
}

function pathOf(sequence: number, generation: number): string {
  const padded = (n: number) => String(n).padStart(5, '0')
  return `interactions/part-${padded(sequence)}-${padded(generation)}.arrow`
}

/** An import that finished since the dataset was opened would be undone by the manifest made from the old one. */
async function checkUnchanged({ store, manifest }: Dataset): Promise<void> {
  const now = await manifestNow(store)
  if (now.digest === manifest.digest && now.updatedAt === manifest.updatedAt) return
  throw new NightjarError('DATASET_CHANGED', {
    what: `${store.uri} was changed while it was compacted`,
    why: 'an import into it finished meanwhile; nothing was compacted',
    fix: `nightjar compact ${store.uri}   (while no import runs)`,
  })
}

const manifestNow = (store: Store) =>
  readJsonFile(store, datasetManifestPath, datasetManifest, 'DATASET_MANIFEST')

/** Deletes parts and files of user ids that the manifest does not name: they may hold who is forgotten. */
async function deleteUnnamed({ store, manifest }: Dataset): Promise<string[]> {
  const named = new Set([manifest.users.path, ...manifest.parts.map((part) => part.path)])
  const files = [...(await store.list('interactions/')), ...(await store.list('users'))]
  const unnamed = files
    .map(({ key }) => key)
    .filter((key) => /^(interactions\/part-[\d-]+|users(-[\d-]+)?)\.arrow$/.test(key) && !named.has(key))
  for (const key of unnamed) await store.delete(key)
  return unnamed
}
