import type { Companion, ItemReport } from '../scores/one-item.ts'
import { bar, sparkline } from './charts.ts'
import { itemRow } from './item-rows.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './table-lines.ts'
import { count, fact, figure, padTo, percent, some } from './text.ts'

/** Who gets an item, and what goes with it. */
export function itemScreen({ place, itemId, title, lists, histories }: ItemReport, paint: Paint): string {
  return [
    ...fact('item', title === undefined ? itemId : `${itemId}  ${title}`).map(paint.strong),
    ...fact('in', place),
    ...(histories === null ? [] : fact('has it', some(histories.users, 'user'))),
    ...(lists === null ? [] : listLines(lists, paint)),
    ...(histories === null
      ? []
      : companionLines('Who has it also has', histories.companions, 'users', paint)),
  ].join('\n')
}

function listLines(lists: NonNullable<ItemReport['lists']>, paint: Paint): string[] {
  const of = `${some(lists.count, 'list')} (${percent(lists.share)}), ${count(lists.inFirstTen)} of them in the first ten`
  if (lists.count === 0) return fact('gets it', 'nobody')
  const users = lists.users.map(({ userId, rank, score }) => [userId, String(rank), figure(score)])
  return [
    ...fact('gets it', of),
    ...fact('rank', `${lists.meanRank.toFixed(1)} on average`),
    `by rank     ${paint.accent(sparkline(lists.byRank, 54))}`,
    '',
    paint.strong(
      lists.count > users.length
        ? `Some who get it (${users.length} of ${count(lists.count)})`
        : 'Who gets it',
    ),
    ...tableLines(['user', 'rank', 'score'], users, paint),
    ...companionLines('In the same lists', lists.companions, 'lists', paint),
  ]
}

function companionLines(
  head: string,
  companions: readonly Companion[],
  unit: string,
  paint: Paint,
): string[] {
  if (companions.length === 0) return []
  return [
    '',
    paint.strong(head),
    ...companions.map((item, n) =>
      itemRow(
        n + 1,
        item,
        `${padTo(count(item.together), 9, 'right')} ${unit} ${paint.accent(bar(item.similarity, 12))}`,
        paint,
      ),
    ),
  ]
}
