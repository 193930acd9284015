import type { DiffReport, MovedItem } from '../scores/diff-scores.ts'
import { bar } from './charts.ts'
import { itemRow } from './item-rows.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './table-lines.ts'
import { count, fact, padTo, percent } from './text.ts'

const barWidth = 32

/** How lists changed: how much, what rose and fell, and for whom most. */
export function diffScreen(report: DiffReport, paint: Paint): string {
  const { users, correlation, histogram } = report
  const row = (label: string, share: number, shown: string) =>
    `  ${padTo(label, 14)}${paint.accent(bar(share, barWidth))} ${padTo(shown, 9, 'right')}`
  const more = (number: number, where: string) => (number === 0 ? '' : `, ${count(number)} only ${where}`)
  const most = Math.max(1, ...histogram)
  return [
    ...fact('now', report.place).map(paint.strong),
    ...fact('before', report.other),
    ...fact(
      'users',
      `${count(users.both)} in both${more(users.onlyHere, 'now')}${more(users.onlyThere, 'before')}`,
    ),
    ...fact(
      'same lists',
      `${count(report.sameLists)} (${percent(report.sameLists / Math.max(1, users.both))})`,
    ),
    ...fact(
      'order',
      correlation === null
        ? 'no list shares two items'
        : `Spearman ${correlation.toFixed(3)} over shared items, mean of users`,
    ),
    '',
    paint.strong('Items that stayed'),
    ...report.overlaps.map(({ depth, mean }) => row(`overlap@${depth}`, mean, percent(mean))),
    '',
    paint.strong('Users by what stayed of their first ten'),
    ...histogram.map((number, tenths) =>
      row(tenths === 0 ? 'nothing' : `up to ${10 * tenths} %`, number / most, count(number)),
    ),
    ...movedLines('Rose', report.rose, paint),
    ...movedLines('Fell', report.fell, paint),
    '',
    paint.strong('Changed most'),
    ...tableLines(
      ['user', 'stayed', 'Spearman'],
      report.changedMost.map((user) => [
        user.userId,
        percent(user.overlap),
        user.correlation?.toFixed(3) ?? '-',
      ]),
      paint,
    ),
  ].join('\n')
}

function movedLines(head: string, items: readonly MovedItem[], paint: Paint): string[] {
  if (items.length === 0) return []
  return [
    '',
    paint.strong(head),
    ...items.map((item, n) =>
      itemRow(
        n + 1,
        item,
        `${padTo(count(item.before), 9, 'right')} → ${padTo(count(item.now), 9)} lists`,
        paint,
      ),
    ),
  ]
}
