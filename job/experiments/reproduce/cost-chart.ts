import { type Chart, ink } from '../../report/draw-chart.ts'
import { metricText } from './figure-text.ts'
import { placeLabels } from './place-labels.ts'
import type { SystemName } from './systems.ts'

/** A system by what it costs, and what its lists are worth. */
export interface Priced {
  system: SystemName
  label: string
  /** Of one training. */
  seconds: number
  f1: number
  ndcg: number
  /** Nothing that is as cheap is better. */
  isFrontier: boolean
}

/** In units of the drawing. */
const [width, height] = [420, 300]

/** Where the axis begins at the earliest: it has no zero. */
const leastSeconds = 0.1

/** Systems by the seconds of a training and F1@10, the cheapest first; a line along those that nothing beats at their price. */
export function costChart(id: string, title: string, systems: readonly Priced[]): Chart {
  const marks = systems.map((one) => ({ ...one, seconds: Math.max(leastSeconds, one.seconds) }))
  const scales = scalesOf(marks)
  const { x, y } = axesOf(scales)
  const frontier = marks.filter(({ isFrontier }) => isFrontier)
  const [last] = frontier.slice(-1)
  // The line goes on to the end: for more seconds the last one is to be had, too.
  const corners = [...frontier, { ...last, seconds: scales.x[1] }]
  return {
    id,
    title,
    description: described(systems),
    spec: {
      ...{ width, height },
      layer: [
        {
          data: { values: corners },
          mark: { type: 'line', interpolate: 'step-after', color: ink.own, strokeWidth: 1.5 },
          encoding: { x, y },
        },
        {
          data: { values: marks.map(coloured) },
          mark: { type: 'point', filled: true, opacity: 1, size: 60 },
          encoding: { x, y, color: colour },
        },
        ...namesOf(marks, scales),
      ],
    },
  }
}

/** What the axes reach over. */
interface Scales {
  x: [from: number, to: number]
  y: [from: number, to: number]
}

function scalesOf(marks: readonly Priced[]): Scales {
  const seconds = marks.map((one) => Math.log10(one.seconds))
  const f1 = marks.map((one) => one.f1)
  const [least, most] = [Math.min(...f1), Math.max(...f1)]
  const margin = 0.08 * (most - least || most || 1)
  return {
    x: [10 ** Math.floor(Math.min(...seconds)), 10 ** Math.ceil(Math.max(...seconds) + 0.02)],
    // Names of the frontier stand above it.
    y: [least - margin, most + 1.75 * margin],
  }
}

function axesOf(scales: Scales) {
  const decades = Math.round(Math.log10(scales.x[1] / scales.x[0]))
  const values = Array.from({ length: decades + 1 }, (_, n) => scales.x[0] * 10 ** n)
  return {
    x: {
      ...({ field: 'seconds', type: 'quantitative', title: 'seconds of a training' } as const),
      scale: { type: 'log', domain: scales.x },
      axis: { values, format: '~g' },
    },
    y: {
      ...({ field: 'f1', type: 'quantitative', title: 'F1@10' } as const),
      scale: { domain: scales.y, zero: false },
      axis: { labelExpr: `replace(datum.label, '0.', '.')` },
    },
  } as const
}

const colour = { field: 'colour', type: 'nominal', scale: null } as const
const coloured = (one: Priced) => ({ ...one, colour: one.isFrontier ? ink.own : ink.base })

/** Names beside their marks, bold on the frontier. */
function namesOf(marks: readonly Priced[], { x, y }: Scales) {
  const across = (seconds: number) => (width * Math.log(seconds / x[0])) / Math.log(x[1] / x[0])
  const down = (f1: number) => (height * (y[1] - f1)) / (y[1] - y[0])
  const places = placeLabels(
    marks.map(({ label, seconds, f1, isFrontier }) => {
      return { label, x: across(seconds), y: down(f1), isAbove: isFrontier }
    }),
    width,
    height,
  )
  // Where there is no room for a name, the table below has it.
  const names = marks.flatMap((one, n) => {
    const place = places[n]
    return place === undefined ? [] : [{ isFrontier: one.isFrontier, label: one.label, ...place }]
  })
  return [true, false].flatMap((isFrontier) =>
    (['left', 'right'] as const).map((align) => ({
      data: { values: names.filter((name) => name.isFrontier === isFrontier && name.align === align) },
      mark: { type: 'text', align, fontSize: 10, fontWeight: isFrontier ? 'bold' : 'normal' } as const,
      encoding: {
        x: { field: 'x', type: 'quantitative', scale: null },
        y: { field: 'y', type: 'quantitative', scale: null },
        text: { field: 'label', type: 'nominal' },
      } as const,
    })),
  )
}

function described(systems: readonly Priced[]): string {
  return systems
    .map(({ label, seconds, f1, isFrontier }) => {
      const place = isFrontier ? ', which nothing as cheap beats' : ''
      return `${label}: ${seconds.toFixed(1)} s, ${metricText(f1)}${place}.`
    })
    .join(' ')
}
