import { openArrow } from '../../data/arrow-batches.ts'
import type { Run } from '../../data/run.ts'
import type { RunManifest } from '../../data/run-manifest.ts'
import { NightjarError, throwIfCancelled } from '../../errors.ts'
import type { Progress } from '../../progress.ts'
import type { Store, Written } from '../../store/store.ts'
import { Catalogue, type ScoreBatch, scoreBatch } from '../score-batch.ts'
import { damagedParts } from '../verify-parts.ts'
import { ParquetParts } from './parquet-parts.ts'
import { csvParts, jsonLines } from './text-parts.ts'

/** Formats beside Arrow, for other tools. What is served is always the Arrow files. */
export const otherFormats = ['parquet', 'csv', 'jsonl'] as const
export type OtherFormat = (typeof otherFormats)[number]

export interface FormatOptions {
  run: Run
  format: OtherFormat
  /** Where the files go. */
  out: Store
  /** Items of a list that are written, from the best; all by default. */
  k?: number
  progress: Progress
  signal?: AbortSignal
}

export interface FormatReport {
  format: OtherFormat
  out: string
  files: ({ path: string; lists: number } & Written)[]
  lists: number
  bytes: number
}

/** How batches of a score file become a file of another format. */
export interface PartFormat {
  write(
    batches: AsyncIterable<ScoreBatch>,
    catalogue: Catalogue,
    store: Store,
    path: string,
  ): Promise<Written>
  close(): Promise<void>
}

/**
 * Writes a run's lists in another format, a file for each score part. The Arrow files and the manifest stay as they are. Files of
 * this format that an earlier export left in the folder are deleted first.
 *
 * @throws NightjarError SCORES_DAMAGED where a part is not what the manifest vouches for; K_TOO_LONG
 */
export async function exportFormat(options: FormatOptions): Promise<FormatReport> {
  const { run, format, out, progress, signal } = options
  const scores = scoresOf(options)
  const damaged = await damagedParts(run.store, scores.parts, options)
  if (damaged.length > 0) {
    throw new NightjarError('SCORES_DAMAGED', {
      what: `${run.store.uri}: ${damaged.map(({ reason }) => reason).join('; ')}`,
      why: 'the file was changed, cut or deleted after it was written',
      fix: `export the run again: nightjar export ${run.store.uri} --k ${scores.k}`,
    })
  }
  for (const { key } of await out.list()) {
    if (/^part-\d{5}\./.test(key) && key.endsWith(`.${format}`)) await out.delete(key)
  }
  const files: FormatReport['files'] = []
  const writer = await formatWriter(format, options.k ?? scores.k, signal)
  progress.start(format, scores.parts.length, { unit: 'files' })
  try {
    for (const part of scores.parts) {
      throwIfCancelled(signal)
      const catalogue = new Catalogue()
      const batches = batchesOf(run.store, part.path, catalogue)
      const path = part.path.replace(/^.*\//, '').replace(/\.arrow$/, `.${format}`)
      files.push({ path, lists: part.rows, ...(await writer.write(batches, catalogue, out, path)) })
      progress.update(files.length)
    }
  } finally {
    await writer.close()
  }
  const sum = (of: (file: FormatReport['files'][number]) => number) =>
    files.reduce((total, file) => total + of(file), 0)
  progress.end(`${sum((file) => file.lists)} lists`)
  return { format, out: out.uri, files, lists: sum((file) => file.lists), bytes: sum((file) => file.bytes) }
}

function scoresOf({ run, k }: FormatOptions): NonNullable<RunManifest['scores']> {
  const { scores } = run.manifest
  if (scores === null) throw new RangeError('the run has no lists')
  if (k === undefined || k <= scores.k) return scores
  throw new NightjarError('K_TOO_LONG', {
    what: `${run.store.uri} has lists of ${scores.k}, and ${k} are wanted`,
    why: 'other formats are written from the Arrow files, which stay what they are',
    fix: `nightjar export ${run.store.uri} --k ${k}   (then this again)`,
  })
}

async function formatWriter(
  format: OtherFormat,
  k: number,
  signal: AbortSignal | undefined,
): Promise<PartFormat> {
  if (format === 'parquet') return ParquetParts.open(k, signal)
  return format === 'csv' ? csvParts(k) : jsonLines(k)
}

async function* batchesOf(store: Store, path: string, catalogue: Catalogue): AsyncGenerator<ScoreBatch> {
  const arrow = await openArrow(store, path)
  for (let index = 0; index < arrow.batchCount; index++) yield scoreBatch(await arrow.read(index), catalogue)
}
