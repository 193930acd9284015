import type { Interval } from '../gate/bootstrap.ts'
import { type Chart, ink } from './draw-chart.ts'
import { intervalText, metricText, percentText } from './figure-text.ts'
import type { ListStatistics } from './list-statistics.ts'
import type { PopularityGroup } from './popularity-groups.ts'

const size = { width: 420, height: 230 }

/** A figure with its interval, for {@link intervalChart}. */
export interface Contender {
  name: string
  ndcg: number
  interval: Interval | undefined
}

/** NDCG@10 of several, each with its interval. */
export function intervalChart(id: string, title: string, contenders: readonly Contender[]): Chart {
  const values = contenders.map(({ name, ndcg, interval }) => ({
    name,
    ndcg,
    ...interval,
    label: metricText(ndcg),
  }))
  const y = { field: 'name', type: 'nominal', sort: null, title: null } as const
  const x = { type: 'quantitative', title: 'NDCG@10, and 95 % over users' } as const
  return {
    id,
    title,
    description: contenders
      .map(({ name, ndcg, interval }) => `${name} ${metricText(ndcg)}, ${intervalText(interval)}`)
      .join('; '),
    spec: {
      width: 380,
      height: { step: 40 },
      data: { values },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { y, x: { field: 'low', ...x }, x2: { field: 'high' } },
        },
        {
          mark: { type: 'point', filled: true, size: 80, opacity: 1, color: ink.own },
          encoding: { y, x: { field: 'ndcg', ...x } },
        },
        {
          mark: { type: 'text', dy: -12 },
          encoding: { y, x: { field: 'ndcg', ...x }, text: { field: 'label', type: 'nominal' } },
        },
      ],
    },
  }
}

/** A run's name in a chart, and its colour. */
interface Named {
  name: string
  colour: string
}

/** How much of the catalogue stands in anybody's first k, by k. */
export function coverageChart(runs: readonly (Named & { lists: ListStatistics })[]): Chart {
  const values = runs.flatMap(({ name, lists }) =>
    lists.coverage.map((share, n) => ({ name, rank: n + 1, share })),
  )
  return {
    id: 'chart-coverage',
    title: 'Coverage: share of the catalogue in anybody’s first k',
    description: runs
      .map(
        ({ name, lists: { coverage, k } }) =>
          `${name}: ${percentText(coverage[Math.min(10, k) - 1] ?? 0)} by the first ten, ${percentText(coverage[k - 1] ?? 0)} by all ${k}`,
      )
      .join('; '),
    spec: {
      ...size,
      data: { values },
      mark: { type: 'line', strokeWidth: 2 },
      encoding: {
        x: { field: 'rank', type: 'quantitative', title: 'k, length of list' },
        y: {
          field: 'share',
          type: 'quantitative',
          title: 'share of the catalogue',
          axis: { format: '.0%' },
          scale: { zero: true },
        },
        ...colours(runs),
        ...(runs.length < 2
          ? {}
          : {
              strokeDash: {
                field: 'name',
                type: 'nominal',
                scale: {
                  domain: runs.map(({ name }) => name),
                  range: [
                    [1, 0],
                    [6, 3],
                  ],
                },
              },
            }),
      },
    },
  }
}

/** Shares of interactions and of places in lists, by tenths of the catalogue from the most popular on. */
export function popularityChart(runs: readonly (Named & { groups: readonly PopularityGroup[] })[]): Chart {
  const all = [
    {
      name: 'interactions',
      colour: ink.base,
      shares: runs[0].groups.map(({ ofInteractions }) => ofInteractions),
    },
    ...runs.map(({ name, colour, groups }) => ({
      name,
      colour,
      shares: groups.map(({ ofPlaces }) => ofPlaces),
    })),
  ]
  const values = all.flatMap(({ name, shares }) => shares.map((share, n) => ({ name, group: n + 1, share })))
  return {
    id: 'chart-popularity',
    title: 'What is recommended, by popularity',
    description: all
      .map(
        ({ name, shares }) =>
          `${name}: ${percentText(shares[0] ?? 0)} on the most popular tenth of the items`,
      )
      .join('; '),
    spec: {
      ...size,
      data: { values },
      mark: { type: 'bar' },
      encoding: {
        x: {
          field: 'group',
          type: 'ordinal',
          title: 'tenths of the catalogue, most popular first',
          axis: { labelAngle: 0 },
        },
        xOffset: { field: 'name', type: 'nominal', sort: null },
        y: { field: 'share', type: 'quantitative', title: 'share', axis: { format: '.0%' } },
        ...colours(all),
      },
    },
  }
}

/** Scores by rank: the median over users, and where four fifths of them lie. */
export function scoresChart({ scores }: ListStatistics): Chart {
  const x = { field: 'rank', type: 'quantitative', title: 'rank in the list' } as const
  const y = { type: 'quantitative', title: 'score', scale: { zero: false } } as const
  const [first, last] = [scores[0], scores[scores.length - 1]]
  return {
    id: 'chart-scores',
    title: 'Scores by rank',
    description: `Median over users: ${first.median.toPrecision(3)} at rank 1, ${last.median.toPrecision(3)} at rank ${last.rank}. The band holds four fifths of the users.`,
    spec: {
      ...size,
      data: { values: scores.map((at) => ({ ...at })) },
      layer: [
        {
          mark: { type: 'area', color: ink.own, opacity: 0.18 },
          encoding: { x, y: { field: 'low', ...y }, y2: { field: 'high' } },
        },
        {
          mark: { type: 'line', color: ink.own, strokeWidth: 2 },
          encoding: { x, y: { field: 'median', ...y } },
        },
      ],
    },
  }
}

function colours(named: readonly Named[]) {
  const scale = { domain: named.map(({ name }) => name), range: named.map(({ colour }) => colour) }
  return {
    color: { field: 'name', type: 'nominal', scale, ...(named.length < 2 ? { legend: null } : {}) },
  } as const
}
