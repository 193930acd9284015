import * as z from 'zod'
import { dayOfFeedback, feedbackPrefix } from '../../shared/feedback.ts'
import { readJsonFile, writeJsonFile } from '../data/json-file.ts'
import { throwIfCancelled } from '../errors.ts'
import type { Progress } from '../progress.ts'
import type { Store } from '../store/store.ts'
import type { FeedbackSource } from './feedback-source.ts'

const ledgerPath = 'pulled.json'

/**
 * After so many days nothing comes for a day any more: a queue keeps a message for fourteen at most. So keys of older
 * days need not be remembered one by one.
 */
const openDays = 15

/** What was pulled already. */
const ledgerSchema = z.object({
  format: z.literal('nightjar-feedback'),
  schemaVersion: z.literal(1),
  /** How many files were written so far. */
  files: z.number().int().nonnegative(),
  /** The days before this one are done with; '' at the beginning. */
  openSince: z.string(),
  /** Keys of the days from `openSince` on that were pulled. */
  keys: z.array(z.string()),
})
type Ledger = z.infer<typeof ledgerSchema>

export interface PullReport {
  /** The file that was written; null where nothing was new. */
  file: string | null
  objects: number
  bytes: number
}

/**
 * Copies feedback that was not copied before into one file of JSON lines, `feedback-00000.jsonl` and so on, for
 * `nightjar import`. Deletes nothing where it comes from.
 *
 * The file is written whole, then the ledger. Killed between the two, the next pull writes the same file again, with
 * whatever came since.
 *
 * @throws NightjarError FEEDBACK_FAILED, FEEDBACK_LEDGER; CancelledError
 */
export async function pullFeedback(
  source: FeedbackSource,
  out: Store,
  { progress, signal }: { progress: Progress; signal?: AbortSignal | undefined },
): Promise<PullReport> {
  const ledger = await readLedger(out)
  const pulled = new Set(ledger.keys)
  const fresh: string[] = []
  // Keys begin with day and time, so they come in the order in which feedback came.
  for await (const key of source.keys(feedbackPrefix, `${feedbackPrefix}${ledger.openSince}`)) {
    throwIfCancelled(signal)
    if (dayOfFeedback(key) !== undefined && !pulled.has(key)) fresh.push(key)
  }
  if (fresh.length === 0) return { file: null, objects: 0, bytes: 0 }
  const file = `feedback-${String(ledger.files).padStart(5, '0')}.jsonl`
  progress.start('pull', fresh.length, { unit: 'objects' })
  const { bytes } = await out.put(file, contents(source, fresh, progress, signal))
  progress.end()
  await writeJsonFile(out, ledgerPath, ledgerAfter(ledger, fresh))
  return { file, objects: fresh.length, bytes }
}

async function* contents(
  source: FeedbackSource,
  keys: readonly string[],
  progress: Progress,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (const [i, key] of keys.entries()) {
    throwIfCancelled(signal)
    yield await source.read(key)
    progress.update(i + 1)
  }
}

async function readLedger(out: Store): Promise<Ledger> {
  if ((await out.size(ledgerPath)) === undefined) {
    return { format: 'nightjar-feedback', schemaVersion: 1, files: 0, openSince: '', keys: [] }
  }
  return readJsonFile(out, ledgerPath, ledgerSchema, 'FEEDBACK_LEDGER')
}

function ledgerAfter(ledger: Ledger, fresh: readonly string[]): Ledger {
  const keys = [...ledger.keys, ...fresh]
  const newest = keys.map((key) => dayOfFeedback(key) ?? '').reduce((a, b) => (a > b ? a : b))
  const opens = new Date(Date.parse(newest) - openDays * 86_400_000).toISOString().slice(0, 10)
  const openSince = opens > ledger.openSince ? opens : ledger.openSince
  return {
    ...ledger,
    files: ledger.files + 1,
    openSince,
    keys: keys.filter((key) => (dayOfFeedback(key) ?? '') >= openSince).sort(),
  }
}
