import type { Paint } from './paint.ts'
import { clip, oneLine, padTo, screenWidth, widthOf } from './text.ts'

const gap = 2
const least = 4

/**
 * A table in at most 80 columns. Columns are as wide as what they hold, the widest ones are cut where that is too much, and
 * those that have no room even so are counted in the last line. Numbers stand on the right.
 */
export function tableLines(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string[] {
  if (names.length === 0) return []
  const shown = Math.min(names.length, Math.floor((screenWidth - 2 + gap) / (least + gap)))
  const cells = [names, ...rows].map((row) => row.slice(0, shown).map(oneLine))
  const widths = widthsOf(cells)
  const isNumeric = widths.map(
    (_, n) => rows.length > 0 && rows.every((row) => /^$|^-$|^-?[\d.,]+(e[-+]?\d+)?$/i.test(row[n] ?? '')),
  )
  const lines = cells.map((row) =>
    `  ${row.map((cell, n) => padTo(cell, widths[n], isNumeric[n] ? 'right' : 'left')).join(' '.repeat(gap))}`.trimEnd(),
  )
  const [head = '', ...body] = lines
  const left = names.length - shown
  return [
    paint.soft(head),
    ...body,
    ...(left > 0 ? [paint.soft(clip(`  and ${left} more columns (--json has all)`, screenWidth))] : []),
  ]
}

/** Takes columns from the widest until all fit. */
function widthsOf(cells: readonly (readonly string[])[]): number[] {
  const widths = (cells[0] ?? []).map((_, n) => Math.max(1, ...cells.map((row) => widthOf(row[n] ?? ''))))
  const room = screenWidth - 2 - gap * (widths.length - 1)
  for (let total = widths.reduce((sum, width) => sum + width, 0); total > room; total--) {
    widths[widths.indexOf(Math.max(...widths))]--
  }
  return widths
}
