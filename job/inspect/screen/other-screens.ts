import { partsOf } from '../../models/blend.ts'
import { optionsText } from '../../report/figure-text.ts'
import type { DatasetReport } from '../dataset-facts.ts'
import type { RunReport } from '../run-facts.ts'
import type { TableReport } from '../tables/table-facts.ts'
import type { WeightsReport } from '../weights.ts'
import { bar, sparkline } from './charts.ts'
import { faultLines, fileLines, noteLines } from './fault-lines.ts'
import { itemRow } from './item-rows.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './table-lines.ts'
import { count, fact, figure, padTo, percent, some } from './text.ts'

export function datasetScreen(report: DatasetReport, paint: Paint): string {
  const { counts, rowsOfUser: rows, times, weights } = report
  const density = counts.interactions / Math.max(1, counts.users * counts.items)
  return [
    ...fact('dataset', report.place).map(paint.strong),
    ...fact(
      'holds',
      `${some(counts.users, 'user')}, ${some(counts.items, 'item')}, ${some(counts.interactions, 'row')} (${(100 * density).toPrecision(3)} % of all pairs)`,
    ),
    ...fact(
      'digest',
      `${report.digest.slice(0, 12)}…, updated ${report.updatedAt.slice(0, 16).replace('T', ' ')}`,
    ),
    ...fileLines(report.files),
    ...fact('columns', report.columns.join(', ')),
    ...fact(
      'sources',
      report.sources.map(({ name, rowsKept }) => `${name} (${some(rowsKept, 'row')})`).join(', '),
    ),
    ...fact(
      'of a user',
      `${rows.min} to ${rows.max} rows, median ${rows.median}, mean ${rows.mean.toFixed(1)}`,
    ),
    ...fact('over items', `Gini ${report.gini.toFixed(3)} (0 all alike, 1 one has all)`),
    ...(weights === null
      ? []
      : fact('weights', `${figure(weights.min)} to ${figure(weights.max)}, mean ${figure(weights.mean)}`)),
    ...(times === null
      ? []
      : [
          ...fact('times', `${times.first} to ${times.last}`),
          `            ${paint.accent(sparkline(times.rows, 54))}`,
        ]),
    '',
    paint.strong('Most had'),
    ...report.mostHad.map((item, n) =>
      itemRow(
        n + 1,
        item,
        `${padTo(count(item.rows), 9, 'right')} rows ${paint.accent(bar(item.share, 12))}`,
        paint,
      ),
    ),
    '',
    ...noteLines(report.notes, paint),
    ...faultLines(report.faults, paint, 'digests, indexes'),
  ].join('\n')
}

export function runScreen({ place, manifest, files, faults, notes }: RunReport, paint: Paint): string {
  const { dataset, epochs, validation, scores, engine, foldIn } = manifest
  const looks = manifest.curve.filter(({ ndcg10 }) => ndcg10 !== undefined)
  const losses = manifest.curve.filter(({ phase }) => phase === (manifest.curve[0]?.phase ?? 'search'))
  return [
    ...fact('run', place).map(paint.strong),
    ...fact('version', `${manifest.versionId}, ${manifest.model}, seed ${manifest.seed}`),
    ...fact(
      'engine',
      `${engine.name}, ${some(engine.threads, 'thread')}${engine.device ? `, ${engine.device}` : ''}; nightjar ${manifest.nightjar.version}`,
    ),
    ...fact(
      'dataset',
      `${dataset.uri}: ${some(dataset.users, 'user')}, ${some(dataset.items, 'item')}, ${some(dataset.interactions, 'pair')}; data up to ${manifest.dataCutoff.slice(0, 10)}`,
    ),
    ...fact('options', optionsText(manifest.config)),
    ...partLines(manifest),
    ...fact(
      'epochs',
      `${epochs.trained} trained, the best ${epochs.best}${epochs.refit ? ', fitted on all rows' : ''}`,
    ),
    ...(validation === null
      ? []
      : fact(
          'validation',
          Object.entries(validation)
            .map(([name, value]) => `${name} ${value.toFixed(4)}`)
            .join(', '),
        )),
    ...(losses.length < 2
      ? []
      : [
          `loss        ${paint.accent(
            sparkline(
              losses.map(({ loss }) => loss),
              54,
            ),
          )}`,
        ]),
    ...(looks.length < 2
      ? []
      : [
          `NDCG@10     ${paint.accent(
            sparkline(
              looks.map(({ ndcg10 }) => ndcg10 ?? 0),
              54,
            ),
          )}`,
        ]),
    ...fact(
      'fold-in',
      foldIn === undefined ? 'none' : `${foldIn.epochs} epochs, ${foldIn.config.hidden} hidden units`,
    ),
    ...fact(
      'scores',
      scores === null
        ? `none yet: nightjar export ${place}`
        : `lists of ${scores.k}, exported ${scores.exportedAt.slice(0, 16).replace('T', ' ')}: nightjar inspect ${place}/scores`,
    ),
    ...fileLines(files),
    '',
    ...noteLines(notes, paint),
    ...faultLines(faults, paint, 'digests'),
  ].join('\n')
}

/** What a blend is made of, the heaviest first. */
function partLines(manifest: RunReport['manifest']): string[] {
  const parts = (partsOf(manifest) ?? []).toSorted((a, b) => b.weight - a.weight)
  return parts.flatMap(({ model, weight, epochs, options }, n) =>
    fact(
      n === 0 ? 'parts' : '',
      `${weight.toFixed(3)} ${model}, ${some(epochs, 'epoch')}: ${optionsText(options)}`,
    ),
  )
}

export function weightsScreen(
  { place, files, metadata, arrays, faults }: WeightsReport,
  paint: Paint,
): string {
  const numbers = (value: number | null) => (value === null ? '-' : figure(value))
  const size = arrays.reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  )
  return [
    ...fact('weights', place).map(paint.strong),
    ...fact('holds', `${some(arrays.length, 'array')}, ${some(size, 'number')} (float32)`),
    ...fileLines(files),
    ...Object.entries(metadata).flatMap(([name, value]) =>
      fact(name, value.length > 200 ? `${value.slice(0, 200)}…` : value),
    ),
    '',
    ...tableLines(
      ['array', 'shape', 'min', 'mean', 'max', 'deviation'],
      arrays.map(({ name, shape, ...facts }) => [
        name,
        shape.join(' × '),
        numbers(facts.min),
        numbers(facts.mean),
        numbers(facts.max),
        numbers(facts.deviation),
      ]),
      paint,
    ),
    '',
    ...faultLines(faults, paint, 'digest, finite numbers'),
  ].join('\n')
}

export function tableScreen(
  { kind, place, files, rows, batches, columns, first, faults }: TableReport,
  paint: Paint,
): string {
  const more = batches === null ? '' : `, ${some(batches, 'batch')}`
  return [
    ...fact(kind === 'arrow' ? 'Arrow' : 'Parquet', place).map(paint.strong),
    ...fact('holds', `${some(rows, 'row')} of ${some(columns.length, 'column')}`),
    ...fileLines(files, more),
    '',
    ...tableLines(
      ['column', 'type', 'nulls'],
      columns.map(({ name, type, nulls }) => [
        name,
        type,
        nulls === 0 ? '' : `${count(nulls)} (${percent(nulls / Math.max(1, rows))})`,
      ]),
      paint,
    ),
    '',
    paint.strong(first.length < rows ? `First ${some(first.length, 'row')}` : 'Rows'),
    ...tableLines(
      columns.map(({ name }) => name),
      first,
      paint,
    ),
    '',
    ...faultLines(faults, paint, 'digest, readable to its end'),
  ].join('\n')
}
