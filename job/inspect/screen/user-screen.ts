import type { UserReport } from '../scores/one-user.ts'
import { bar } from './charts.ts'
import { itemRow } from './item-rows.ts'
import type { Paint } from './paint.ts'
import { count, fact, figure, padTo, some } from './text.ts'

const historyShown = 15
const listShown = 20

/** What a user had, and the list that is offered for it. */
export function userScreen({ place, userId, history, list }: UserReport, paint: Paint): string {
  return [
    ...fact('user', userId).map(paint.strong),
    ...fact('in', place),
    ...(history === null ? [] : historyLines(history, paint)),
    ...(list === null ? [] : listLines(list, paint)),
  ].join('\n')
}

function historyLines(history: NonNullable<UserReport['history']>, paint: Paint): string[] {
  return [
    '',
    paint.strong(`Had ${some(history.length, 'row')}${history.length > 1 ? ', newest first' : ''}`),
    ...history.slice(0, historyShown).map((row, n) => {
      const weight = row.weight === undefined ? '' : `  ${figure(row.weight)}`
      return itemRow(n + 1, row, `${row.time?.slice(0, 10) ?? ''}${weight}`.trim(), paint)
    }),
    ...more(history.length - historyShown, paint),
  ]
}

function listLines(list: NonNullable<UserReport['list']>, paint: Paint): string[] {
  const scores = list.map(({ score }) => score).filter(Number.isFinite)
  const [low, high] = [Math.min(...scores), Math.max(...scores)]
  const share = (score: number) => (high === low ? 1 : (score - low) / (high - low))
  return [
    '',
    paint.strong(`Gets ${some(list.length, 'item')}`),
    ...list
      .slice(0, listShown)
      .map((row) =>
        itemRow(
          row.rank,
          row,
          `${row.isSeen ? 'had ' : ''}${padTo(figure(row.score), 10, 'right')} ${paint.accent(bar(share(row.score), 10))}`,
          paint,
        ),
      ),
    ...more(list.length - listShown, paint),
  ]
}

function more(left: number, paint: Paint): string[] {
  return left > 0 ? [paint.soft(`      and ${count(left)} more (--json has all)`)] : []
}
