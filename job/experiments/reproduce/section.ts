import type { TextTable } from '../../report/text-table.ts'
import type { Drawing } from '../drawing.ts'

/** A part of the report, whatever it is written in. */
export interface Section {
  id: string
  heading: string
  paragraphs: string[]
  tables: TextTable[]
  drawings: Drawing[]
}

export function section(id: string, heading: string, parts: Partial<Section>): Section {
  return { id, heading, paragraphs: [], tables: [], drawings: [], ...parts }
}
