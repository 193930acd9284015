import type { CurvePoint } from '../data/run-manifest.ts'
import { type Chart, ink } from './draw-chart.ts'
import { durationText, metricText } from './figure-text.ts'
import { normalInterval } from './held-out-quality.ts'

const size = { width: 420, height: 230 }
const epochAxis = {
  field: 'epoch',
  type: 'quantitative',
  title: 'epoch',
  axis: { tickMinStep: 1, format: 'd' },
} as const

/** NDCG@10 of the held-out rows by epoch, with the band that chance reaches, and the epoch that was chosen. */
export function qualityCurve(curve: readonly CurvePoint[], best: number): Chart | undefined {
  const values = curve.flatMap(({ phase, epoch, ndcg10, ndcg10Error }) =>
    phase === 'search' && ndcg10 !== undefined
      ? [{ epoch, ndcg: ndcg10, ...normalInterval(ndcg10, ndcg10Error) }]
      : [],
  )
  if (values.length < 2) return undefined
  const found = values.find(({ epoch }) => epoch === best)
  const x = epochAxis
  const y = { type: 'quantitative', title: 'NDCG@10, held-out rows', scale: { zero: false } } as const
  const layers = [
    {
      mark: { type: 'area', color: ink.own, opacity: 0.18 } as const,
      encoding: { x, y: { field: 'low', ...y }, y2: { field: 'high' } },
    },
    {
      mark: { type: 'line', color: ink.own, point: { color: ink.own, filled: true, size: 30 } } as const,
      encoding: { x, y: { field: 'ndcg', ...y } },
    },
    {
      data: { values: [{ epoch: best, label: `chosen: ${best}` }] },
      mark: { type: 'rule' as const, strokeDash: [4, 3] },
      encoding: { x },
    },
  ]
  return {
    id: 'chart-quality',
    title: 'NDCG@10 on the held-out rows, by epoch',
    description: `${values.length} looks from epoch ${values[0].epoch} to ${values.at(-1)?.epoch}; epoch ${best} was chosen${found === undefined ? '' : `, with ${metricText(found.ndcg)}`}. The band is 95 % over users.`,
    spec: { ...size, data: { values }, layer: values[0].low === undefined ? layers.slice(1) : layers },
  }
}

/** The loss by epoch, of the search and of the refit. */
export function lossCurve(curve: readonly CurvePoint[]): Chart | undefined {
  const values = curve
    .filter(({ loss }) => loss > 0)
    .map(({ phase, epoch, loss }) => ({ phase, epoch, loss }))
  if (values.length < 2) return undefined
  const [first, last] = [values[0], values[values.length - 1]]
  const phases = (['search', 'refit'] as const).filter((name) => values.some(({ phase }) => phase === name))
  const looks = { search: { colour: ink.own, dash: [1, 0] }, refit: { colour: ink.other, dash: [6, 3] } }
  return {
    id: 'chart-loss',
    title: 'Loss by epoch',
    description: `Loss summed over an epoch: ${first.loss.toFixed(0)} at first, ${last.loss.toFixed(0)} at epoch ${last.epoch} of the ${last.phase}.`,
    spec: {
      ...size,
      data: { values },
      mark: { type: 'line' },
      encoding: {
        x: epochAxis,
        y: {
          field: 'loss',
          type: 'quantitative',
          title: 'loss, summed over the epoch',
          axis: { format: '~s' },
        },
        color: {
          field: 'phase',
          type: 'nominal',
          scale: { domain: phases, range: phases.map((phase) => looks[phase].colour) },
        },
        strokeDash: {
          field: 'phase',
          type: 'nominal',
          scale: { domain: phases, range: phases.map((phase) => looks[phase].dash) },
        },
      },
    },
  }
}

/** What a blend is made of: the parts' weights. */
export function partsChart(parts: readonly { model: string; weight: number }[]): Chart {
  return {
    id: 'chart-parts',
    title: 'Weights of the blend’s parts',
    description: parts.map(({ model, weight }) => `${model} ${weight}`).join(', '),
    spec: bars(
      parts.map(({ model, weight }) => ({ name: model, value: weight, label: String(weight) })),
      'weight in the sum',
    ),
  }
}

/** How long each phase took. */
export function timingsChart(timings: readonly { phase: string; ms: number }[]): Chart {
  return {
    id: 'chart-timings',
    title: 'Time by phase',
    description: timings.map(({ phase, ms }) => `${phase} ${durationText(ms)}`).join(', '),
    spec: bars(
      timings.map(({ phase, ms }) => ({ name: phase, value: ms / 1000, label: durationText(ms) })),
      'seconds',
    ),
  }
}

/** Horizontal bars in the order that is given, each with its figure. */
function bars(values: { name: string; value: number; label: string }[], title: string): Chart['spec'] {
  const y = { field: 'name', type: 'nominal', sort: null, title: null } as const
  const most = Math.max(...values.map(({ value }) => value))
  // Room for the figure behind the longest bar.
  const scale = { domain: [0, 1.25 * most || 1] }
  const x = { field: 'value', type: 'quantitative' as const, title, scale }
  return {
    width: 380,
    height: { step: 30 },
    data: { values },
    layer: [
      { mark: { type: 'bar', color: ink.own, height: 16 }, encoding: { x, y } },
      {
        mark: { type: 'text', align: 'left', dx: 5 },
        encoding: { x, y, text: { field: 'label', type: 'nominal' } },
      },
    ],
  }
}
