import type { Store } from '../../store/store.ts'
import { drawingFile } from '../drawing.ts'
import type { Reproduction } from './report-content.ts'
import { htmlReport } from './report-html.ts'
import { markdownReport } from './report-markdown.ts'

/** Writes `report.html`, which needs nothing beside it, and `report.md` with its drawings. The reports come last. */
export async function writeReport(store: Store, found: Reproduction): Promise<string[]> {
  const drawings = found.figures.flatMap(({ panels }) => panels.flatMap(({ drawing }) => drawing ?? []))
  const files = [
    ...drawings.map((drawing) => [`${drawing.id}.svg`, drawingFile(drawing)] as const),
    ['report.md', markdownReport(found)] as const,
    ['report.html', htmlReport(found)] as const,
  ]
  for (const [key, text] of files) await store.put(key, new TextEncoder().encode(text))
  return files.map(([key]) => key)
}
