import type { RunManifest } from '../data/run-manifest.ts'
import { type ChosenBlendOptions, partsOf } from '../models/blend.ts'
import { metricText, optionsText } from './figure-text.ts'
import type { ReportFacts } from './report-facts.ts'
import { type Figure, type ReportSection, reportSection } from './report-section.ts'
import type { TextTable } from './text-table.ts'
import { lossCurve, partsChart, qualityCurve } from './training-charts.ts'

/** Points of a curve that its table shows at most. */
const tableRowsMax = 40

/** How the run learned: its curves; of a blend its parts, for its search has one point alone. */
export function trainingSection({ manifest, night }: ReportFacts): ReportSection {
  const { epochs, warmStart } = manifest
  // A night's own curve is that of the refit; the candidate's search found the epochs.
  const search = night?.searched?.curve?.filter(({ phase }) => phase === 'search') ?? []
  const curve = [...search, ...manifest.curve]
  const parts = partsOf(manifest)
  const quality = qualityCurve(curve, epochs.best)
  // The parts' losses are of different kinds, and their sum says nothing.
  const loss = parts === undefined ? lossCurve(curve) : undefined
  return reportSection('training', 'Training', {
    paragraphs: [
      parts === undefined
        ? `The weights are of epoch ${epochs.best}${epochs.refit ? ', fitted on every row' : ''}.`
        : `A blend: each part’s options and epochs, and then the weights, were chosen on held-out rows or given; its search has one result, and no curve.`,
      ...(search.length > 0
        ? ['The search was that of the gate’s candidate, without the rows it was compared on.']
        : []),
      ...(warmStart == null
        ? []
        : [
            `It began with the weights of ${warmStart.versionId}, which knew ${warmStart.users} of the users and ${warmStart.items} of the items.`,
          ]),
      ...(quality === undefined && loss === undefined && parts === undefined
        ? ['There is no curve: the model is fitted in one go.']
        : []),
    ],
    figures: [
      ...(parts === undefined ? [] : [{ chart: partsChart(parts), table: partsTable(parts) }]),
      ...(quality === undefined ? [] : [{ chart: quality, table: qualityTable(curve) }]),
      ...(loss === undefined ? [] : ([{ chart: loss, table: lossTable(curve) }] satisfies Figure[])),
    ],
    tables: parts === undefined ? [] : [optionsTable(parts)],
  })
}

function partsTable(parts: ChosenBlendOptions['parts']): TextTable {
  return {
    caption: 'Weights and epochs',
    columns: ['part', 'weight', 'epochs'],
    rows: parts.map(({ model, weight, epochs }) => ({
      head: model,
      cells: [{ text: String(weight) }, { text: String(epochs) }],
    })),
  }
}

function optionsTable(parts: ChosenBlendOptions['parts']): TextTable {
  return {
    caption: 'The parts and their options',
    columns: ['part', 'weight', 'epochs', 'options'],
    words: ['options'],
    rows: parts.map(({ model, weight, epochs, options }) => ({
      head: model,
      cells: [
        { text: String(weight), tone: 'strong' },
        { text: String(epochs) },
        { text: optionsText(options) },
      ],
    })),
  }
}

function qualityTable(curve: RunManifest['curve']): TextTable {
  const looks = curve.filter(({ ndcg10 }) => ndcg10 !== undefined)
  return {
    caption: 'Looks at the held-out rows',
    columns: ['epoch', 'NDCG@10', 'standard error', 'F1@10'],
    rows: everySo(looks).map(({ epoch, ndcg10, ndcg10Error, f1At10 }) => ({
      head: String(epoch),
      cells: [ndcg10, ndcg10Error, f1At10].map((value) => ({
        text: value === undefined ? '–' : metricText(value),
      })),
    })),
  }
}

function lossTable(curve: RunManifest['curve']): TextTable {
  return {
    caption: 'Loss, summed over the epoch',
    columns: ['phase and epoch', 'loss'],
    rows: everySo(curve).map(({ phase, epoch, loss }) => ({
      head: `${phase} ${epoch}`,
      cells: [{ text: loss.toPrecision(6) }],
    })),
  }
}

/** Evenly some of many rows, the last one among them. */
function everySo<Row>(rows: readonly Row[]): Row[] {
  const step = Math.ceil(rows.length / tableRowsMax)
  return rows.filter((_, n) => (rows.length - 1 - n) % step === 0)
}
