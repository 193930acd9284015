import { openRun, type Run } from '../data/run.ts'
import { CancelledError, NightjarError } from '../errors.ts'
import type { ReportInput } from '../report/report-facts.ts'
import { reportPath, writeReport } from '../report/write-report.ts'
import { openStore } from '../store/open-store.ts'
import type { Night } from './night.ts'
import { readNight } from './night-state.ts'

interface ReportChoices {
  /** Where another run lies to compare with; that of the live version, if a night knows one. */
  against?: string | undefined
  /** Where the dataset lies now, if it was moved. */
  dataset?: string | undefined
  signal?: AbortSignal | undefined
  /** Told what is left out, and why. */
  note: (text: string) => void
}

/**
 * What a report of a run is made of: the run and its dataset, what its night found where it had one, and the run to compare
 * with.
 *
 * @throws NightjarError as `openRun` and `Run.openDataset`; of a live version that is gone it only tells
 */
export async function reportInputOf(run: Run, choices: ReportChoices): Promise<ReportInput> {
  const { against, dataset: place, signal, note } = choices
  const night = await readNight(run.store)
  const dataset = await run.openDataset(place)
  const input = { run, dataset, night, signal }
  if (against !== undefined) return { ...input, against: await openOther(against) }
  if (night?.live == null) return input
  try {
    return { ...input, against: await openOther(night.live.run) }
  } catch (error) {
    if (!(error instanceof NightjarError) || error instanceof CancelledError) throw error
    note(`no comparison with the live version: ${error.message}`)
    return input
  }
}

/** Its dataset may lie elsewhere, or have been imported anew. */
async function openOther(place: string): Promise<NonNullable<ReportInput['against']>> {
  const run = await openRun(openStore(place))
  return { run, dataset: await run.openDataset() }
}

/** Codes of what ends a night also while it only reports. */
const fatal = ['CANCELLED', 'LEASE_LOST']

/**
 * Writes the night's report into its folder: the same bytes however often the night was killed. Lists that are good are
 * published without one rather than not at all.
 */
export async function reportStep(night: Night): Promise<void> {
  const { signal } = night.options
  try {
    const input = await reportInputOf(await openRun(night.store), {
      dataset: night.options.dataset,
      signal,
      note: (text) => night.tell(text, { event: 'nightly.report' }),
    })
    const { bytes, sha256 } = await writeReport(input)
    await night.remember({ report: { path: reportPath, bytes, sha256 } })
  } catch (error) {
    const code = error instanceof NightjarError ? error.code : 'BUG'
    if (fatal.includes(code)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    night.tell(`no report: ${reason}`, { event: 'nightly.report', code })
  }
}
