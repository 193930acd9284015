import type { Written } from '../store/store.ts'
import { gatherFacts, type ReportInput } from './report-facts.ts'
import { reportPage } from './report-page.ts'

export const reportPath = 'report.html'

/** A run's report, as the text of one HTML page: the same for the same run, dataset and night. */
export async function reportOf(input: ReportInput): Promise<string> {
  return reportPage(await gatherFacts(input))
}

/** Writes the report into the run's folder. The manifest does not vouch for it: it can be written again at any time. */
export async function writeReport(input: ReportInput): Promise<Written> {
  return input.run.store.put(reportPath, new TextEncoder().encode(await reportOf(input)))
}
