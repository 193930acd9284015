import { type Chart, ink } from '../../report/draw-chart.ts'
import { type HitsDifference, readings, shareAbove } from './hits-difference.ts'

/** In units of the drawing. */
const [width, height] = [290, 280]

/** The distribution of the hits difference rate: which share of users has at most this rate. */
export function curveChart(id: string, title: string, difference: HitsDifference): Chart {
  const { rates, without } = difference
  const shares = readings.map(({ above }) => ({ above, share: shareAbove(difference, above) }))
  const scale = { domain: [0, 1] }
  const type = 'quantitative'
  const x = { field: 'rate', type, scale, title: 'hits difference rate' } as const
  const axis = { format: '.0%' }
  const y = { field: 'share', type, scale, axis, title: 'users with at most this rate' } as const
  return {
    id,
    title,
    description: `Cumulative share of ${rates.length} users by their hits difference rate, from 0 to 1; ${without} without a hit are left out. ${shares.map(({ above, share }) => `${percent(share)} of users have a rate above ${above}.`).join(' ')}`,
    spec: {
      ...{ width, height },
      layer: [
        {
          data: { values: steps(rates) },
          mark: { type: 'line', interpolate: 'step-after', color: ink.own, strokeWidth: 2 },
          encoding: { x, y },
        },
        {
          data: { values: shares.map(({ above }) => ({ rate: above })) },
          mark: { type: 'rule', color: ink.other, strokeDash: [4, 3] },
          encoding: { x },
        },
        {
          data: {
            // In the free corner below the curve or above it, whichever side has more room; each on a line of its own.
            values: shares.map(({ above, share }, n) => ({
              rate: above,
              share: share > 0.5 ? 0.95 - 0.08 * n : 0.05 + 0.08 * (shares.length - 1 - n),
              reading: `${percent(share)} > ${above}`,
            })),
          },
          mark: { type: 'text', align: 'left', dx: 5 },
          encoding: { x, y, text: { field: 'reading', type: 'nominal' } },
        },
      ],
    },
  }
}

/** The corners of the empirical distribution function: level, and up at each rate by the users who have it. */
function steps(rates: Float64Array): { rate: number; share: number }[] {
  const corners = [{ rate: 0, share: 0 }]
  for (let n = 0; n < rates.length; n++) {
    if (rates[n] === rates[n + 1]) continue
    corners.push({ rate: rates[n], share: (n + 1) / rates.length })
  }
  return [...corners, { rate: 1, share: 1 }]
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}
