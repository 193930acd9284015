import { at, type Drawing, line, text } from '../drawing.ts'
import { type HitsDifference, readings, shareAbove } from './hits-difference.ts'

const [width, height] = [360, 330]
const plot = { left: 44, right: 344, top: 34, bottom: 270 }
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]

/** The distribution of the hits difference rate: which share of users has at most this rate. */
export function curvePanel(id: string, title: string, difference: HitsDifference): Drawing {
  const { rates, without } = difference
  const shares = readings.map(({ above }) => ({ above, share: shareAbove(difference, above) }))
  return {
    id,
    width,
    height,
    title,
    description: `Cumulative share of ${rates.length} users by their hits difference rate, from 0 to 1; ${without} without a hit are left out. ${shares.map(({ above, share }) => `${percent(share)} of users have a rate above ${above}.`).join(' ')}`,
    body: [
      text(0, 16, title, 'strong'),
      ...ticks.flatMap((tick) => [
        line(plot.left, y(tick), plot.right, y(tick), 'grid'),
        line(x(tick), plot.top, x(tick), plot.bottom, 'grid'),
        text(plot.left - 8, y(tick) + 4, String(tick), 'soft end'),
        text(x(tick), plot.bottom + 16, String(tick), 'soft middle'),
      ]),
      `<path d="${steps(rates)}" class="curve"/>`,
      ...shares.flatMap(({ above, share }, n) => [
        line(x(above), plot.top, x(above), plot.bottom, 'reading'),
        // In the free corner below the curve or above it, whichever side has more room; each on a line of its own.
        text(
          x(above) + 5,
          share > 0.5 ? plot.top + 14 + 18 * n : plot.bottom - 8 - 18 * (shares.length - 1 - n),
          `${percent(share)} > ${above}`,
        ),
      ]),
      text((plot.left + plot.right) / 2, plot.bottom + 34, 'hits difference rate', 'middle'),
      text(
        (plot.left + plot.right) / 2,
        plot.bottom + 52,
        'upright: share of users with at most this rate',
        'soft middle',
      ),
    ],
  }
}

/** The empirical distribution function as a path: level, and up at each rate by the users who have it. */
function steps(rates: Float64Array): string {
  let path = `M${at(x(0))} ${at(y(0))}`
  for (let n = 0; n < rates.length; n++) {
    if (rates[n] === rates[n + 1]) continue
    path += `H${at(x(rates[n]))}V${at(y((n + 1) / rates.length))}`
  }
  return `${path}H${at(x(1))}`
}

function x(rate: number): number {
  return plot.left + rate * (plot.right - plot.left)
}

function y(share: number): number {
  return plot.bottom - share * (plot.bottom - plot.top)
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}
