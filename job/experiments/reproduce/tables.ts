import {
  baselines,
  type MetricColumn,
  type MetricTableNumber,
  type PrintedDataName,
  printedData,
  printedImprovement,
  printedTables,
} from './printed.ts'
import { type DataResult, hasRun, type OverSeeds, overSeeds, resultOf } from './results.ts'
import { type PaperSystem, type SystemName, systemLabel } from './systems.ts'

/** A figure, beside the printed one. */
export interface Cell {
  /** How to write it: `.2080`, `6,027`, `8.9 %`; a density, which is in percent as well, `3.11 %` or `.107 %`. */
  unit: 'metric' | 'count' | 'percent' | 'density'
  printed?: number | undefined
  ours?: OverSeeds | undefined
  /** Ours less the printed one, where there are both. */
  difference?: number | undefined
  /** Why there is none of ours. */
  notRun?: string
  /** Whether ours is the highest of its column. */
  isBest?: boolean
}

interface Row {
  label: string
  cells: Cell[]
  /** Not in the paper's table. */
  isBeside?: boolean
}

/** A table's part for one data set; table 2 has one block for all. */
interface Block {
  label: string
  columns: string[]
  rows: Row[]
}

/** One of the paper's tables, with our figures in it. */
export interface Table {
  number: number
  title: string
  /** What stands in the first column. */
  stub: string
  blocks: Block[]
}

export const tableNumbers = [1, 2, 3, 4, 5, 6] as const
export type TableNumber = (typeof tableNumbers)[number]

/** @param beside models that are not in the paper, for table 3 */
export function tableOf(
  number: TableNumber,
  data: readonly DataResult[],
  beside: readonly SystemName[] = [],
): Table {
  if (number === 2) {
    const block = { label: 'All data sets', columns: characteristics, rows: data.map(characteristicsOf) }
    return { number, title: 'Characteristics of the data sets', stub: 'data', blocks: [block] }
  }
  const { title } = printedTables[number]
  const blocks = data.map((on) => metricBlock(number, on, number === 3 ? beside : []))
  return { number, title, stub: 'system', blocks }
}

function metricBlock(number: MetricTableNumber, data: DataResult, beside: readonly SystemName[]): Block {
  const { columns, systems, values } = printedTables[number]
  const rowOf = (system: SystemName, printed: readonly number[] | undefined): Row => ({
    label: systemLabel(system),
    cells: columns.map((column, n) => metricCell(data, system, column, printed?.[n])),
  })
  const rows = systems.map((system) => rowOf(system, data.printed && values(system, data.printed)))
  const extra = beside.map((system): Row => ({ ...rowOf(system, undefined), isBeside: true }))
  markBest([...rows, ...extra], columns.length)
  const improvement = number === 3 ? [improvementRow(data, columns)] : []
  return {
    label: data.label,
    columns: columns.map(({ label }) => label),
    rows: [...rows, ...improvement, ...extra],
  }
}

function metricCell(
  data: DataResult,
  system: SystemName,
  { metric, k }: MetricColumn,
  printed: number | undefined,
): Cell {
  const result = resultOf(data, system)
  if (!hasRun(result)) return { unit: 'metric', printed, notRun: result.notRun }
  const ours = overSeeds(result, metric, k)
  return {
    unit: 'metric',
    printed,
    ours,
    difference: printed === undefined ? undefined : ours.mean - printed,
  }
}

function markBest(rows: readonly Row[], columns: number): void {
  for (let n = 0; n < columns; n++) {
    const best = Math.max(...rows.map(({ cells }) => cells[n].ours?.mean ?? 0))
    for (const { cells } of rows) if (cells[n].ours?.mean === best && best > 0) cells[n].isBest = true
  }
}

/** By how many percent JCA is better than the best of the eight baselines: only where all of them have run. */
function improvementRow(data: DataResult, columns: readonly MetricColumn[]): Row {
  const meanOf = (system: PaperSystem, { metric, k }: MetricColumn) => {
    const result = resultOf(data, system)
    return hasRun(result) ? overSeeds(result, metric, k).mean : undefined
  }
  const cells = columns.map((column, n): Cell => {
    const printed = data.printed && printedImprovement[data.printed][n]
    const jca = meanOf('jca', column)
    const others = baselines.map((system) => meanOf(system, column))
    if (jca === undefined || others.includes(undefined)) {
      return { unit: 'percent', printed, notRun: 'needs JCA and all eight baselines' }
    }
    const mean = 100 * (jca / Math.max(...(others as number[])) - 1)
    const difference = printed === undefined ? undefined : mean - printed
    return { unit: 'percent', printed, ours: { mean, deviation: undefined, seeds: 1 }, difference }
  })
  return { label: 'JCA over the best baseline', cells }
}

const characteristics = ['users', 'items', 'rows', 'density', 'distinct pairs']

function characteristicsOf(data: DataResult): Row {
  const print = data.printed && printedData[data.printed as PrintedDataName]
  const counts = data.split?.counts
  const cell = (unit: Cell['unit'], printed: number | undefined, ours: number | undefined): Cell =>
    ours === undefined
      ? { unit, printed, notRun: 'no folder of this data was given' }
      : {
          unit,
          printed,
          ours: { mean: ours, deviation: undefined, seeds: 1 },
          difference: printed === undefined ? undefined : ours - printed,
        }
  return {
    label: data.label,
    cells: [
      cell('count', print?.users, counts?.users),
      cell('count', print?.items, counts?.items),
      cell('count', print?.rows, counts?.rows),
      cell('density', print?.density, counts && (100 * counts.rows) / (counts.users * counts.items)),
      cell('count', undefined, counts?.pairs),
    ],
  }
}
