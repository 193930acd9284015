import { metricText, pText } from './figure-text.ts'
import { type DataResult, hasRun, overSeeds, resultOf, type SystemResult } from './results.ts'
import { type Section, section } from './section.ts'
import { compare } from './significance.ts'
import { type SystemName, systemLabel } from './systems.ts'

/** What the blend is compared with: itself less a part, and the best of all other systems. */
interface Rival {
  name: string
  result: SystemResult
}

/**
 * What each part of the blend is worth on test rows: the blend against the best single model, and against what is left of it
 * without each of its parts. Nothing where it has not run.
 */
export function ablationSections(data: readonly DataResult[]): Section[] {
  const tables = data.flatMap((on) => {
    const blend = resultOf(on, 'blend')
    if (!hasRun(blend)) return []
    return [
      {
        caption: on.label,
        columns,
        rows: [ownRow(blend), ...rivalsOf(on, blend).map((rival) => rowOf(blend, rival))],
      },
    ]
  })
  if (tables.length === 0) return []
  return [
    section('ablation', 'What each part of the blend is worth', {
      paragraphs: [
        'The blend less another list, F1@10 and NDCG@10, and under the first the middle 95 % of that difference over draws of users; p of paired two-sided t-tests over users. Without a part the others stay as they were fitted, and weights are chosen for them anew on the validation rows. A part whose loss cannot be told from nothing is of no use on these data; on others it may be.',
      ],
      tables,
    }),
  ]
}

const columns = ['blend against', 'F1@10', 'NDCG@10', 'F1@10, less', 'p (F1)', 'NDCG@10, less', 'p (NDCG)']

function rivalsOf(on: DataResult, blend: SystemResult): Rival[] {
  const f1 = (result: SystemResult) => overSeeds(result, 'f1', 10).mean
  const others = [...on.systems].flatMap(
    ([system, result]): { system: SystemName; result: SystemResult }[] =>
      hasRun(result) && system !== 'blend' ? [{ system, result }] : [],
  )
  const best = others.toSorted((a, b) => f1(b.result) - f1(a.result)).at(0)
  return [
    ...(best === undefined
      ? []
      : [{ name: `${systemLabel(best.system)}, the best of the others`, result: best.result }]),
    ...(blend.ablations ?? []).map(({ without, result }) => ({
      name: `without ${labelOfPart(without)}`,
      result,
    })),
  ]
}

function figuresOf(result: SystemResult) {
  return (['f1', 'ndcg'] as const).map((metric) => {
    const { mean, deviation } = overSeeds(result, metric, 10)
    return { text: `${metricText(mean)}${deviation === undefined ? '' : ` ± ${metricText(deviation)}`}` }
  })
}

/** Every part of a blend is a system as well. */
const labelOfPart = (model: string) => systemLabel(model as SystemName)

const ownRow = (blend: SystemResult) => ({
  head: 'itself',
  cells: [...figuresOf(blend), ...Array.from({ length: 4 }, () => ({ text: '' }))],
})

function rowOf(blend: SystemResult, { name, result }: Rival) {
  const { difference, interval, pF1, pNdcg10 } = compare(blend.values, result.values, 10)
  const ndcg = overSeeds(blend, 'ndcg', 10).mean - overSeeds(result, 'ndcg', 10).mean
  const bounds = [interval.low, interval.high].map((bound) => metricText(bound, true))
  return {
    head: name,
    cells: [
      ...figuresOf(result),
      { text: metricText(difference, true), under: [bounds.join(' to ')] },
      { text: pText(pF1) },
      { text: metricText(ndcg, true) },
      { text: pText(pNdcg10) },
    ],
  }
}
