import type { Drawing } from '../drawing.ts'

/** A cell: its text, and what stands small below it, line by line. */
export interface TextCell {
  text: string
  under?: string[]
  tone?: 'strong' | 'soft' | 'good' | 'bad'
}

export interface TextTable {
  caption: string
  /** Of all columns, the rows' names first. */
  columns: string[]
  /** Those that hold words, and stand left. */
  words?: string[]
  rows: { head: string; cells: TextCell[]; isBeside?: boolean }[]
}

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
