import { type Chart, ink } from '../../report/draw-chart.ts'
import type { TuneResult } from './tune.ts'

/** In units of the drawing. */
const [width, height, perRow] = [220, 110, 2]

/** A trial as a dot of one panel. */
interface Dot {
  value: unknown
  ndcg: number
}

/** One panel an option that was searched: what it was in each trial, and what that trial reached. */
export function tuneChart({ plan, ranking }: Pick<TuneResult, 'plan' | 'ranking'>): Chart {
  const searched = Object.keys(plan.trials[0] ?? {}).filter(
    (name) => new Set(plan.trials.map((options) => String(options[name]))).size > 1,
  )
  const measured = ranking.flatMap(({ best, ...trial }) =>
    best === null ? [] : [{ ...trial, ndcg: best.ndcg10 }],
  )
  const [first] = ranking
  const told = `${ranking.length} trial${ranking.length === 1 ? '' : 's'} of ${plan.model}; best held-out NDCG@10 ${first?.best?.ndcg10.toFixed(4)}`
  const of = searched.map((name) => `${name} ${shown(first?.options[name])}`)
  const panels = searched.map((name) =>
    optionPanel(
      name,
      measured.map(({ options, ndcg }) => ({ value: options[name], ndcg })),
    ),
  )
  // Where nothing was searched, the trials themselves.
  if (panels.length === 0)
    panels.push(
      optionPanel(
        'trial',
        measured.map(({ trial, ndcg }) => ({ value: trial, ndcg })),
      ),
    )
  return {
    id: 'tune',
    title: told,
    description: `${told}${of.length === 0 ? '' : ` with ${of.join(', ')}`}.`,
    spec: { columns: perRow, spacing: 24, concat: panels },
  }
}

/** @param dots the best first, at least one */
function optionPanel(title: string, dots: readonly Dot[]) {
  const isNumber = dots.every(({ value }) => typeof value === 'number')
  const shownDots = dots.map(({ value, ndcg }) => ({ value: isNumber ? value : shown(value), ndcg }))
  const values = shownDots.map(({ value }) => value)
  const dot = { type: 'point', opacity: 1 } as const
  const ndcgs = dots.map(({ ndcg }) => ndcg)
  const ends = [Math.min(...ndcgs), Math.max(...ndcgs)]
  return {
    ...{ title, width, height },
    encoding: {
      x: { field: 'value', title: null, ...(isNumber ? numberScale(values) : nameScale(values)) },
      y: {
        ...({ field: 'ndcg', type: 'quantitative', title: null } as const),
        scale: { domain: ends, zero: false, padding: 8 },
        axis: { values: ends, format: '.4f' },
      },
    },
    layer: [
      { data: { values: shownDots.slice(1) }, mark: { ...dot, filled: true, size: 40, color: ink.own } },
      // The best on top of the others.
      {
        data: { values: shownDots.slice(0, 1) },
        mark: { ...dot, filled: false, size: 140, strokeWidth: 2.5, color: ink.other },
      },
    ],
  }
}

/** Where numbers lie: on a logarithm where they span ten times and more. */
function numberScale(values: readonly unknown[]) {
  const different = [...new Set(values.map(Number))].sort((a, b) => a - b)
  const [from, to] = [different[0], different[different.length - 1]]
  const isLog = from > 0 && to / from >= 10
  const middle = Number((isLog ? Math.sqrt(from * to) : (from + to) / 2).toPrecision(2))
  return {
    type: 'quantitative' as const,
    scale: { nice: false, padding: 8, ...(isLog ? ({ type: 'log' } as const) : { zero: false }) },
    axis: { values: different.length <= 4 ? different : [from, middle, to], format: '.3~r' },
  }
}

/** Anything else at equal distances. */
function nameScale(values: readonly unknown[]) {
  return {
    type: 'nominal' as const,
    scale: { domain: [...new Set(values)].map(String).sort() },
    axis: { labelAngle: 0 },
  }
}

/** `0.00123`; a text as it is. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value)
}
