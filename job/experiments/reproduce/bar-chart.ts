import { type Chart, ink } from '../../report/draw-chart.ts'
import { metricText } from './figure-text.ts'
import type { OverSeeds } from './results.ts'

/** A bar, or why there is none. */
interface Bar {
  label: string
  ours?: OverSeeds | undefined
  printed?: number | undefined
  isAccent: boolean
}

/** Bars on one length of list. */
export interface BarGroup {
  /** `Precision@10` */
  label: string
  bars: Bar[]
}

/** In units of the drawing. */
const [plotWidth, rowHeight, diamondHalf, notRunWidth] = [230, 19, 6, 52]

/**
 * Groups of horizontal bars below each other, on one scale: a system is a row, so that its name stands beside its bar
 * and no colour has to be looked up. A whisker is one standard deviation of seeds to either side, a diamond what is printed.
 */
export function barChart(id: string, title: string, groups: readonly BarGroup[]): Chart {
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(reachOf)))
  // Room for the figure behind the longest bar; some scale also where nothing has run.
  const end = 1.25 * most || 1
  const vconcat = groups.map(({ label, bars }) => ({
    ...{ title: label, width: plotWidth, height: { step: rowHeight } },
    layer: layersOf(bars, end),
  }))
  return { id, title, description: described(groups), spec: { spacing: 18, vconcat } }
}

/** How far a bar's marks reach. */
function reachOf({ ours, printed = 0 }: Bar): number {
  return Math.max(ours === undefined ? 0 : ours.mean + (ours.deviation ?? 0), printed)
}

function layersOf(bars: readonly Bar[], end: number) {
  const { x, y } = axesOf(bars, end)
  const measured = bars.flatMap(({ label, ours, isAccent }) =>
    ours === undefined ? [] : [{ label, mean: ours.mean, colour: isAccent ? ink.own : ink.base }],
  )
  const whiskers = bars.flatMap(whiskerOf)
  const printed = bars.filter((bar) => bar.printed !== undefined)
  const colour = { field: 'colour', type: 'nominal', scale: null } as const
  const diamond = { type: 'point', shape: 'diamond', size: 75, filled: false, opacity: 1 } as const
  const layers = [
    {
      data: { values: measured },
      mark: { type: 'bar', height: 13 } as const,
      encoding: { y, x: { field: 'mean', ...x }, color: colour },
    },
    {
      data: { values: whiskers },
      mark: { type: 'rule', strokeWidth: 1.5 } as const,
      encoding: {
        ...{ y, x: { field: 'low', ...x }, x2: { field: 'high' } },
        color: key('± deviation over seeds', ink.text, { symbolType: 'stroke' }),
      },
    },
    {
      // A rim of the ground's colour sets a diamond off from the bar below.
      data: { values: printed },
      mark: { ...diamond, strokeWidth: 5, color: ink.ground },
      encoding: { y, x: { field: 'printed', ...x } },
    },
    {
      data: { values: printed },
      mark: { ...diamond, strokeWidth: 2, color: ink.other },
      encoding: {
        ...{ y, x: { field: 'printed', ...x } },
        shape: key('printed', 'diamond', { symbolStrokeColor: ink.other }),
      },
    },
    ...[true, false].map((isAccent) => ({
      data: { values: bars.filter((bar) => bar.isAccent === isAccent).map((bar) => figureOf(bar, end)) },
      mark: { type: 'text', align: 'left', dx: 6, fontWeight: isAccent ? 'bold' : 'normal' } as const,
      encoding: {
        ...{ y, x: { field: 'at', ...x }, color: colour },
        text: { field: 'figure', type: 'nominal' } as const,
      },
    })),
  ]
  // The legend is of the marks that there are.
  return layers.filter(({ data }) => data.values.length > 0)
}

/** Systems below each other, and metrics from 0 to `end`, as the paper writes them: `.05`. */
function axesOf(bars: readonly Bar[], end: number) {
  const accents = bars.filter(({ isAccent }) => isAccent).map(({ label }) => label)
  const weight = {
    condition: { test: `indexof(${JSON.stringify(accents)}, datum.value) >= 0`, value: 'bold' },
    value: 'normal',
  } as const
  const plain = { domain: false, ticks: false } as const
  const tick = `datum.value === 0 ? '0' : replace(datum.label, '0.', '.')`
  return {
    y: {
      ...({ field: 'label', type: 'nominal', title: null } as const),
      scale: { domain: bars.map(({ label }) => label) },
      axis: { ...plain, labelPadding: 6, labelColor: ink.text, labelFontWeight: weight },
    },
    x: {
      ...({ type: 'quantitative', title: null } as const),
      scale: { domain: [0, end] },
      axis: { ...plain, labelFlush: false, labelExpr: tick },
    },
  }
}

/** A mark that the legend explains. */
function key(name: string, looks: string, symbol: object) {
  return {
    ...({ datum: name, type: 'nominal' } as const),
    scale: { domain: [name], range: [looks] },
    legend: { orient: 'bottom', ...symbol },
  } as const
}

function whiskerOf({ label, ours }: Bar) {
  if (ours?.deviation === undefined) return []
  const { mean, deviation } = ours
  return [{ label, low: Math.max(0, mean - deviation), high: mean + deviation }]
}

/** What stands behind a bar, and where: beside a diamond, not on it. */
function figureOf({ label, ours, printed }: Bar, end: number) {
  const unit = end / plotWidth
  const behind = printed === undefined ? 0 : printed + diamondHalf * unit
  if (ours !== undefined) {
    const at = Math.max(ours.mean + (ours.deviation ?? 0), behind)
    return { label, at, figure: metricText(ours.mean), colour: ink.text }
  }
  const isFree = printed === undefined || printed > notRunWidth * unit
  return { label, at: isFree ? 0 : behind, figure: 'not run', colour: ink.soft }
}

function described(groups: readonly BarGroup[]): string {
  return groups
    .map(({ label, bars }) => {
      const list = bars.map((bar) => {
        const printed = bar.printed === undefined ? '' : ` (printed ${metricText(bar.printed)})`
        return `${bar.label} ${bar.ours === undefined ? 'not run' : metricText(bar.ours.mean)}${printed}`
      })
      return `${label}: ${list.join(', ')}.`
    })
    .join(' ')
}
