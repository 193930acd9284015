import { chartId } from './chart-id.ts'
import { costChart, type Priced } from './cost-chart.ts'
import { metricText } from './figure-text.ts'
import { type DataResult, hasRun, overSeeds } from './results.ts'
import { secondsOf } from './run-section.ts'
import { type Section, section } from './section.ts'
import { systemLabel } from './systems.ts'

/** What the lists of a system are worth beside what it costs to train it. Nothing where fewer than two have run. */
export function costSections(data: readonly DataResult[]): Section[] {
  const priced = data
    .map((on) => ({ on, systems: pricedSystems(on) }))
    .filter(({ systems }) => drawn(systems).length > 1)
  if (priced.length === 0) return []
  return [
    section('cost', 'Cost and quality', {
      paragraphs: [
        'Seconds of one training, the mean over seeds; where the number of epochs and the options were searched for, that search as well. Options from a file were searched for before, and those searches are not counted. A name in bold is on the frontier: nothing that is as cheap finds more. Popularity stands in the table alone. Seconds are of the machine, the threads and the load that the models were fitted under.',
      ],
      charts: priced.map(({ on, systems }) => costChart(chartId('cost', on), on.label, drawn(systems))),
      tables: priced.map(({ on, systems }) => ({
        caption: on.label,
        columns: ['model', 'seconds', 'F1@10', 'NDCG@10', 'on the frontier'],
        words: ['on the frontier'],
        rows: systems.map(({ label, seconds, f1, ndcg, isFrontier }) => ({
          head: label,
          cells: [
            { text: seconds.toFixed(1) },
            { text: metricText(f1) },
            { text: metricText(ndcg) },
            isFrontier ? { text: 'yes', tone: 'good' as const } : { text: '' },
          ],
        })),
      })),
    }),
  ]
}

/** Popularity is so far below that beside it the others would stand on one line. */
const drawn = (systems: readonly Priced[]) => systems.filter(({ system }) => system !== 'popularity')

/** Every system that has run, the cheapest first; of two that are equally cheap the better. */
export function pricedSystems({ systems }: DataResult): Priced[] {
  const priced = [...systems].flatMap(([system, result]) => {
    if (!hasRun(result)) return []
    const seconds = secondsOf(result) + (result.source.searchSeconds ?? 0)
    const [f1, ndcg] = [overSeeds(result, 'f1', 10).mean, overSeeds(result, 'ndcg', 10).mean]
    return [{ system, label: systemLabel(system), seconds, f1, ndcg }]
  })
  let best = Number.NEGATIVE_INFINITY
  return priced
    .toSorted((a, b) => a.seconds - b.seconds || b.f1 - a.f1)
    .map((own) => {
      const isFrontier = own.f1 > best
      if (isFrontier) best = own.f1
      return { ...own, isFrontier }
    })
}
