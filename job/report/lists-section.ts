import { looked } from '../gate/list-checks.ts'
import { ink } from './draw-chart.ts'
import { countText, momentText, percentText } from './figure-text.ts'
import { coverageChart, popularityChart, scoresChart } from './list-charts.ts'
import type { ListStatistics } from './list-statistics.ts'
import type { ReportFacts, SampleList } from './report-facts.ts'
import { factsTable, type ReportSection, reportSection } from './report-section.ts'
import type { TextTable } from './text-table.ts'

/** The exported lists: what they show of the catalogue, how popular that is, and their scores. */
export function listsSection({
  manifest,
  lists,
  groups,
  commonest,
  against,
  night,
}: ReportFacts): ReportSection {
  if (lists === undefined || manifest.scores === null || lists.lists === 0) {
    return reportSection('lists', 'Lists', {
      paragraphs: ['No lists are exported. nightjar export RUN writes them; then write the report again.'],
    })
  }
  const other = against?.lists
  const nameOfOther = night?.live?.versionId === against?.manifest.versionId ? 'live version' : 'other run'
  const runs = [
    { name: 'this run', colour: ink.own, lists, groups },
    ...(other === undefined || against === undefined
      ? []
      : [{ name: nameOfOther, colour: ink.other, lists: other, groups: against.groups }]),
  ]
  return reportSection('lists', 'Lists', {
    paragraphs: [
      `${countText(lists.lists)} lists of ${lists.k}${manifest.scores.includeSeen ? ', with what the user has' : ', without what the user has'}${lists.short === 0 ? '' : `; ${countText(lists.short)} are shorter, for no more items are left`}. Exported ${momentText(manifest.scores.exportedAt)}.`,
    ],
    figures: [
      { chart: coverageChart(runs), table: coverageTable(runs) },
      { chart: popularityChart(runs), table: popularityTable(runs) },
      ...(lists.scores.length < 2 ? [] : [{ chart: scoresChart(lists), table: scoresTable(lists) }]),
    ],
    tables: [
      factsTable('In short', [
        [
          `coverage of the first ${Math.min(looked, lists.k)}`,
          percentText(lists.coverage[Math.min(looked, lists.k) - 1]),
        ],
        [`coverage of all ${lists.k}`, percentText(lists.coverage[lists.k - 1])],
        [
          'most popular tenth of the items',
          `${percentText(groups[0].ofPlaces)} of the places, ${percentText(groups[0].ofInteractions)} of the interactions`,
        ],
        ...(commonest === undefined
          ? []
          : [
              [
                'commonest item',
                `${commonest.item}: in the first ten of ${percentText(commonest.share)} of the lists`,
              ] as const,
            ]),
      ]),
    ],
  })
}

type ShownRun = { name: string; lists: ListStatistics; groups: ReportFacts['groups'] }

function coverageTable(runs: readonly ShownRun[]): TextTable {
  const ks = [1, 5, 10, 20, 50, 100, 200, 500, 1000].filter((k) => k <= runs[0].lists.k)
  return {
    caption: 'Share of the catalogue in anybody’s first k',
    columns: ['k', ...runs.map(({ name }) => name)],
    rows: ks.map((k) => ({
      head: String(k),
      cells: runs.map(({ lists }) => ({ text: k <= lists.k ? percentText(lists.coverage[k - 1]) : '–' })),
    })),
  }
}

function popularityTable(runs: readonly ShownRun[]): TextTable {
  return {
    caption: 'Shares by tenths of the catalogue, the most popular first',
    columns: ['tenth', 'interactions', ...runs.map(({ name }) => name)],
    rows: runs[0].groups.map(({ group, ofInteractions }, n) => ({
      head: String(group),
      cells: [
        { text: percentText(ofInteractions) },
        ...runs.map(({ groups }) => ({
          text: groups[n] === undefined ? '–' : percentText(groups[n].ofPlaces),
        })),
      ],
    })),
  }
}

function scoresTable({ scores }: ListStatistics): TextTable {
  const ranks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
  return {
    caption: 'Scores by rank: below which a tenth, half and nine tenths of the users’ lie',
    columns: ['rank', 'a tenth', 'half', 'nine tenths'],
    rows: scores
      .filter(({ rank }) => ranks.includes(rank))
      .map(({ rank, low, median, high }) => ({
        head: String(rank),
        cells: [low, median, high].map((score) => ({ text: score.toPrecision(4) })),
      })),
  }
}

/** Some users' lists, with titles. */
export function samplesSection({ samples }: ReportFacts): ReportSection[] {
  if (samples.length === 0) return []
  return [
    reportSection('samples', 'Some lists', {
      paragraphs: [
        `${samples.length} users, drawn by chance: what each has, and the first ${looked} of the list.`,
      ],
      tables: samples.map(sampleTable),
    }),
  ]
}

function sampleTable({ userId, known, some, list }: SampleList): TextTable {
  const more = known > some.length ? `, and ${countText(known - some.length)} more` : ''
  const hasCategories = list.some(({ category }) => category !== '')
  return {
    caption: `${userId} has ${some.join(', ')}${more}`,
    columns: ['rank', 'item', ...(hasCategories ? ['category'] : []), 'score'],
    words: ['item', 'category'],
    rows: list.map(({ item, category, score }, n) => ({
      head: String(n + 1),
      cells: [{ text: item }, ...(hasCategories ? [{ text: category }] : []), { text: score.toPrecision(4) }],
    })),
  }
}
