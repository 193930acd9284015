import type { Chart } from '../../report/draw-chart.ts'
import { type BarGroup, barChart } from './bar-chart.ts'
import { chartId } from './chart-id.ts'
import { curveChart } from './curve-chart.ts'
import { countText } from './figure-text.ts'
import { hitsDifference, readings, shareAbove } from './hits-difference.ts'
import { ks } from './outcome.ts'
import { printedTables } from './printed.ts'
import { type DataResult, hasRun, overSeeds, resultOf } from './results.ts'
import { type PaperSystem, systemLabel } from './systems.ts'

export const figureNumbers = [1, 3, 4] as const
export type FigureNumber = (typeof figureNumbers)[number]

/** A figure's part for one data set: a chart, or why there is none. */
interface Panel {
  label: string
  chart?: Chart
  notRun?: string
}

export interface Figure {
  number: FigureNumber
  title: string
  /** What to know when reading it. */
  notes: string[]
  panels: Panel[]
}

const nine = printedTables[3].systems

/** Systems that a figure shows. */
export const systemsOfFigure: Record<FigureNumber, readonly PaperSystem[]> = {
  1: ['u-autorec', 'i-autorec'],
  3: nine,
  4: nine,
}

export function figureOf(number: FigureNumber, data: readonly DataResult[]): Figure {
  if (number === 1) return hitsFigure(data)
  const [metric, word] =
    number === 3 ? (['precision', 'Precision'] as const) : (['recall', 'Recall'] as const)
  return {
    number,
    title: `${word}@k of the proposed method and the baselines`,
    notes: [
      'The paper draws these and prints no numbers of them; diamonds are its tables’ figures at 10, where it prints them.',
    ],
    panels: data.map((on) => {
      if (on.split === undefined) return { label: on.label, notRun: 'no folder of this data was given' }
      const groups = ks.map(
        (k): BarGroup => ({
          label: `${word}@${k}`,
          bars: nine.map((system) => {
            const result = resultOf(on, system)
            return {
              label: systemLabel(system),
              ours: hasRun(result) ? overSeeds(result, metric, k) : undefined,
              printed: k === 10 ? printedAtTen(on, system, metric) : undefined,
              isAccent: system === 'jca',
            }
          }),
        }),
      )
      return {
        label: on.label,
        chart: barChart(chartId(`figure-${number}`, on), `${on.label}: ${word.toLowerCase()}`, groups),
      }
    }),
  }
}

function printedAtTen({ printed }: DataResult, system: PaperSystem, metric: 'precision' | 'recall') {
  if (printed === undefined) return undefined
  // Tables of P@10 and R@10 agree where they share a system; MF is in none of them.
  const table = ([1, 4, 5, 6] as const).map((n) => printedTables[n]).find((t) => t.systems.includes(system))
  return table?.values(system, printed)[metric === 'precision' ? 0 : 1]
}

function hitsFigure(data: readonly DataResult[]): Figure {
  const panels: Panel[] = []
  const notes = [
    `The paper reads off its curve for MovieLens 1M: ${readings.map(({ above, printed }) => `${printed} of users have a rate above ${above}`).join(', ')}. It says nothing of users of whom neither model hits anything; they have no rate, and are left out here.`,
  ]
  for (const on of data) {
    const difference = hitsDifference(on)
    if ('notRun' in difference) {
      panels.push({ label: on.label, notRun: difference.notRun })
      continue
    }
    const shares = readings.map(
      ({ above }) => `${(100 * shareAbove(difference, above)).toFixed(1)} % above ${above}`,
    )
    const { rates, without, seeds } = difference
    const all = rates.length + without
    const users = seeds === 1 ? 'users' : `(${countText(all / seeds)} users, ${seeds} seeds)`
    notes.push(
      `${on.label}, ours: ${shares.join(', ')}; ${countText(without)} of ${countText(all)} ${users} are left out.`,
    )
    panels.push({ label: on.label, chart: curveChart(chartId('figure-1', on), on.label, difference) })
  }
  return {
    number: 1,
    title: 'Distribution of the hits difference rate, U-AutoRec against I-AutoRec',
    notes,
    panels,
  }
}
