import type { ScoreReport } from '../scores/survey-scores.ts'
import { bar, sparkline } from './charts.ts'
import { faultLines, fileLines, noteLines } from './fault-lines.ts'
import { itemRow } from './item-rows.ts'
import type { Paint } from './paint.ts'
import { count, fact, figure, padTo, percent, some } from './text.ts'

const barWidth = 24

/** The lists of a run on one screen. */
export function scoresScreen(report: ScoreReport, paint: Paint): string {
  return [
    ...headLines(report, paint),
    '',
    paint.strong('How the places are shared'),
    ...exposureLines(report, paint),
    '',
    paint.strong('Scores by rank'),
    ...rankLines(report, paint),
    '',
    paint.strong('Most recommended'),
    ...report.mostRecommended.map((item, n) =>
      itemRow(n + 1, item, `${padTo(count(item.lists), 9, 'right')} lists ${bar(item.share, 12)}`, paint),
    ),
    '',
    ...noteLines(report.notes, paint),
    ...faultLines(report.faults, paint, lookedAt(report)),
  ].join('\n')
}

function headLines({ place, run, files, batches, columns, lists }: ScoreReport, paint: Paint): string[] {
  const { lengths } = lists
  const length =
    lengths.min === lengths.max
      ? `${lengths.max}`
      : `${lengths.min} to ${lengths.max} (median ${lengths.median})`
  const short = lists.shorterThanK === 0 ? '' : `; ${count(lists.shorterThanK)} shorter than k`
  const empty = lists.empty === 0 ? '' : `; ${count(lists.empty)} empty`
  return [
    ...fact('scores', place).map(paint.strong),
    ...(run === null ? [] : fact('run', runText(run))),
    ...fileLines(files, `, ${some(batches, 'batch')}`),
    ...fact('columns', columns.join(', ')),
    ...fact('lists', `${count(lists.count)} of ${length} items${short}${empty}`),
  ]
}

function runText({ versionId, model, k, includeSeen, exportedAt }: NonNullable<ScoreReport['run']>): string {
  if (k === null) return `${versionId}, ${model}, which says that nothing is exported`
  const seen = includeSeen ? ', known items among them' : ''
  return `${versionId}, ${model}, lists of ${k}${seen}, exported ${exportedAt?.slice(0, 16).replace('T', ' ')}`
}

function exposureLines({ exposure, firstTen }: ScoreReport, paint: Paint): string[] {
  const row = (label: string, share: number, shown: string, meaning: string) =>
    `  ${padTo(label, 11)}${paint.accent(bar(share, barWidth))} ${padTo(shown, 8, 'right')}  ${paint.soft(meaning)}`
  const share = exposure.items === 0 ? 0 : exposure.listed / exposure.items
  const { longTail } = exposure
  return [
    row('coverage', share, percent(share), `${count(exposure.listed)} of ${some(exposure.items, 'item')}`),
    row('first ten', firstTen.coverage, percent(firstTen.coverage), 'coverage by first tens'),
    row('Gini', exposure.gini, exposure.gini.toFixed(3), '0 all alike, 1 one has all'),
    ...(longTail === null
      ? []
      : [
          row(
            'long tail',
            longTail.placesShare,
            percent(longTail.placesShare),
            `of the dataset's rows ${percent(longTail.rowsShare)}`,
          ),
        ]),
    ...(firstTen.isEverywhere
      ? [
          paint.bad(
            `  ${firstTen.commonest?.itemId} is in ${percent(firstTen.commonest?.share ?? 0)} of first tens: the gate refuses this`,
          ),
        ]
      : []),
  ]
}

function rankLines({ byRank, means, sampledLists, lists }: ScoreReport, paint: Paint): string[] {
  if (byRank.length === 0) return [paint.soft('  no scores')]
  const cells = (rank: string, figures: string[]) =>
    `  ${padTo(rank, 6, 'right')}${figures.map((text) => padTo(text, 12, 'right')).join('')}`
  const of = sampledLists < lists.count ? ` of ${count(sampledLists)} lists` : ''
  return [
    paint.soft(cells('rank', ['mean', 'low tenth', 'median', 'high tenth'])),
    ...byRank.map(({ rank, mean, low, median, high }) =>
      cells(String(rank), [mean, low, median, high].map(figure)),
    ),
    `  ${paint.accent(sparkline(means, 54))}${paint.soft(`  mean${of && `; tenths${of}`}`)}`,
  ]
}

function lookedAt({ checked }: ScoreReport): string {
  const seen = checked.seenItems ? ', seen items' : ''
  return `digests, order${checked.users ? ', users' : ''}, items, scores, lengths${seen}`
}
