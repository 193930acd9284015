import { chartFile } from '../../report/draw-chart.ts'
import type { Store } from '../../store/store.ts'
import { type Reproduction, sectionsOf } from './report-content.ts'
import { htmlReport } from './report-html.ts'
import { markdownReport } from './report-markdown.ts'

/**
 * Writes `report.html`, which needs nothing beside it, and `report.md` with its charts. The reports come last.
 *
 * @throws NightjarError CHARTS_NOT_BUILT
 */
export async function writeReport(store: Store, found: Reproduction): Promise<string[]> {
  const files: [key: string, text: string][] = []
  for (const chart of sectionsOf(found).flatMap(({ charts }) => charts))
    files.push([`${chart.id}.svg`, await chartFile(chart)])
  files.push(['report.md', markdownReport(found)], ['report.html', await htmlReport(found)])
  for (const [key, text] of files) await store.put(key, new TextEncoder().encode(text))
  return files.map(([key]) => key)
}
