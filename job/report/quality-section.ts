import { countText, intervalText, metricText, signedText } from './figure-text.ts'
import { type HeldOutQuality, type Measured, searched } from './held-out-quality.ts'
import { type Contender, intervalChart } from './list-charts.ts'
import type { ReportFacts } from './report-facts.ts'
import { type ReportSection, reportSection } from './report-section.ts'
import type { TextTable } from './text-table.ts'

/** How good the run is on rows that it was not shown: beside popularity, and beside another run. */
export function qualitySection({ manifest, quality, against, night }: ReportFacts): ReportSection {
  if (quality === undefined) return withoutRows(manifest, night !== undefined)
  const contenders = [
    { name: manifest.model, measured: quality.model },
    { name: 'popularity', measured: quality.popularity },
  ]
  return reportSection('quality', 'Quality on held-out rows', {
    paragraphs: [
      `Measured on ${countText(quality.pairs)} rows of ${countText(quality.users)} users that were held out. ${
        manifest.epochs.refit
          ? 'The weights were then fitted again on all rows, these among them: what stands here for the model was found by the search before that. Its interval is of a normal distribution, that of popularity a bootstrap over users.'
          : 'The weights have not seen them. Intervals are 95 %, by a bootstrap over users.'
      } A search that tries many epochs or options and keeps the best on these rows flatters itself a little.`,
      ...leadText(quality),
      ...(against === undefined ? [] : [againstText(against.manifest.versionId)]),
    ],
    figures: [
      {
        chart: intervalChart('chart-metrics', 'NDCG@10 on the held-out rows', contenders.map(contenderOf)),
      },
    ],
    tables: [
      metricsTable([
        ...contenders,
        ...(against?.quality === undefined
          ? []
          : [
              { name: `${against.manifest.model} of the other run`, measured: against.quality.model },
              { name: 'popularity, on its rows', measured: against.quality.popularity },
            ]),
      ]),
    ],
  })
}

function withoutRows(manifest: ReportFacts['manifest'], isNight: boolean): ReportSection {
  const found = searched({ manifest })
  return reportSection('quality', 'Quality on held-out rows', {
    paragraphs: [
      isNight
        ? 'This run was trained on all rows, so no row is left to measure it on; what is known of its quality is what the gate found.'
        : 'No row was held out: the run was trained on all of them, and nothing can be said here of how good it is. Train with --holdout 0.1, or keep rows back by nightjar split and run nightjar evaluate.',
      ...(found === undefined
        ? []
        : [`The search for its epochs, on other rows, had NDCG@10 ${metricText(found.ndcg)}.`]),
    ],
  })
}

function leadText({ lead, model, popularity }: HeldOutQuality): string[] {
  const times =
    popularity.ndcg > 0 ? `, ${(model.ndcg / popularity.ndcg).toFixed(1)} times that of popularity` : ''
  if (lead === undefined) return [`NDCG@10 is ${metricText(model.ndcg)}${times}.`]
  return [
    `NDCG@10 is ${metricText(model.ndcg)}${times}; user by user it is better by ${signedText(lead.mean)} (95 %: ${intervalText(lead.interval, signedText)}).`,
  ]
}

function againstText(versionId: string): string {
  return `The run that it is compared with, ${versionId}, has held-out rows of its own: its figures stand beside these for orientation, and a difference may come from the rows. A comparison on the same rows, which neither has seen, is what the gate of nightjar nightly makes.`
}

interface Row {
  name: string
  measured: Measured
}

function contenderOf({ name, measured: { ndcg, interval } }: Row): Contender {
  return { name, ndcg, interval }
}

/** This run's rows, then those of another run. */
function metricsTable(rows: readonly Row[]): TextTable {
  return {
    caption: 'Each on held-out rows',
    columns: ['lists of', 'NDCG@10', '95 %', 'precision@10', 'recall@10', 'F1@10'],
    rows: rows.map(({ name, measured: { ndcg, interval, metrics } }, n) => ({
      head: name,
      ...(n >= 2 && { isBeside: true }),
      cells: [
        { text: metricText(ndcg), ...(n === 0 && { tone: 'strong' as const }) },
        { text: intervalText(interval) },
        ...(['precision', 'recall', 'f1'] as const).map((metric) => ({
          text: textOf(metrics[metric]),
        })),
      ],
    })),
  }
}

const textOf = (value: number | undefined) => (value === undefined ? '–' : metricText(value))
