import type { SqlReport } from '../sql/query.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './table-lines.ts'
import { count, figure, some } from './text.ts'

const rowsShown = 40

/** A query's answer as a table. */
export function sqlScreen({ columns, rows }: SqlReport, paint: Paint): string {
  const texts = rows.slice(0, rowsShown).map((row) => row.map(textOf))
  const left = rows.length - texts.length
  return [
    ...tableLines(
      columns.map(({ name }) => name),
      texts,
      paint,
    ),
    paint.soft(
      left > 0 ? `  and ${count(left)} more rows (--json has all)` : `  ${some(rows.length, 'row')}`,
    ),
  ].join('\n')
}

function textOf(value: string | number | boolean | null): string {
  if (value === null) return 'null'
  return typeof value === 'number' && !Number.isInteger(value) ? figure(value) : String(value)
}
