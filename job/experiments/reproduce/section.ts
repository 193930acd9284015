import type { Chart } from '../../report/draw-chart.ts'
import type { TextTable } from '../../report/text-table.ts'

/** A part of the report, whatever it is written in. */
export interface Section {
  id: string
  heading: string
  paragraphs: string[]
  tables: TextTable[]
  charts: Chart[]
}

export function section(id: string, heading: string, parts: Partial<Section>): Section {
  return { id, heading, paragraphs: [], tables: [], charts: [], ...parts }
}
