import type { Chart } from './draw-chart.ts'
import type { TextTable } from './text-table.ts'

/** A chart, and its figures as a table for who cannot see it or wants to copy them. */
export interface Figure {
  chart: Chart
  table?: TextTable
}

/** A part of a run's report. */
export interface ReportSection {
  id: string
  heading: string
  paragraphs: string[]
  figures: Figure[]
  tables: TextTable[]
}

export function reportSection(id: string, heading: string, parts: Partial<ReportSection>): ReportSection {
  return { id, heading, paragraphs: [], figures: [], tables: [], ...parts }
}

/** A table of names and what they are. */
export function factsTable(caption: string, facts: readonly (readonly [string, string])[]): TextTable {
  return {
    caption,
    columns: ['name', 'value'],
    words: ['value'],
    rows: facts.map(([head, text]) => ({ head, cells: [{ text }] })),
  }
}
