import type { K } from './outcome.ts'
import type { PaperSystem } from './systems.ts'

/**
 * What the paper prints, as facts to compare with: Zhu, Wang, Caverlee: Improving Top-K Recommendation via Joint
 * Collaborative Autoencoders, WWW 2019, tables 1 to 6. All metrics are its own, on its test rows. Where two tables print one
 * figure they agree, but for F1@10 of U-AutoRec on ML1M: .1969 in table 1, .1968 in table 3. F1 is that of the P and R beside
 * it, but for NPR on ML1M, where they make .1804. Figures 1, 3 and 4 print none.
 */

export interface PrintedData {
  label: string
  /** Names of folders that are taken for it. */
  folders: readonly string[]
  /** Table 2. `rows` are its ratings, density is its "sparsity", in percent. */
  users: number
  items: number
  rows: number
  density: number
}

/** Table 2, in the order of all tables. */
export const printedData = {
  'ml-1m': {
    label: 'MovieLens 1M',
    folders: ['ml-1m', 'ml1m', 'movielens-1m'],
    users: 6027,
    items: 3062,
    rows: 574_026,
    density: 3.11,
  },
  yelp: { label: 'Yelp', folders: ['yelp'], users: 12_705, items: 9245, rows: 318_314, density: 0.271 },
  games: {
    label: 'Video Games',
    folders: ['games', 'video-games'],
    users: 19_056,
    items: 9073,
    rows: 184_609,
    density: 0.107,
  },
} as const satisfies Record<string, PrintedData>
export type PrintedDataName = keyof typeof printedData

/** One number for each of a data set's three columns. */
type Three = readonly [number, number, number]

const row = (ml1m: Three, yelp: Three, games: Three) => ({ 'ml-1m': ml1m, yelp, games })

/** Table 3: F1@1, F1@5, F1@10. */
const f1s = {
  bpr: row([0.0427, 0.1306, 0.1704], [0.0068, 0.0185, 0.0221], [0.0138, 0.0189, 0.0175]),
  mf: row([0.0477, 0.1427, 0.1837], [0.0148, 0.0307, 0.0333], [0.0255, 0.0294, 0.0265]),
  ncf: row([0.0515, 0.1454, 0.187], [0.0147, 0.0316, 0.0343], [0.0246, 0.0319, 0.0281]),
  npr: row([0.0486, 0.1427, 0.1806], [0.011, 0.0267, 0.0295], [0.0158, 0.0221, 0.0198]),
  'i-autorec': row([0.0472, 0.1249, 0.1602], [0.0139, 0.0278, 0.0296], [0.0198, 0.0266, 0.0241]),
  'u-autorec': row([0.0526, 0.1541, 0.1968], [0.0148, 0.0311, 0.0333], [0.0217, 0.029, 0.0265]),
  'ui-autorec': row([0.054, 0.1562, 0.1984], [0.0149, 0.0319, 0.035], [0.027, 0.034, 0.0298]),
  cdae: row([0.0552, 0.1578, 0.1999], [0.0154, 0.0321, 0.0353], [0.0252, 0.0331, 0.0301]),
  jca: row([0.0602, 0.1634, 0.208], [0.0164, 0.0346, 0.0376], [0.0297, 0.0364, 0.0322]),
} satisfies Partial<Record<PaperSystem, Record<PrintedDataName, Three>>>

/** Tables 1, 4, 5 and 6: P@10, R@10, F1@10. */
const atTen = {
  'u-autorec': row([0.2343, 0.1698, 0.1969], [0.023, 0.0608, 0.0333], [0.0152, 0.1022, 0.0265]),
  'i-autorec': row([0.1782, 0.1454, 0.1602], [0.0202, 0.0556, 0.0296], [0.0138, 0.0979, 0.0241]),
  'ui-autorec': row([0.2209, 0.1801, 0.1984], [0.024, 0.0646, 0.035], [0.0171, 0.1192, 0.0298]),
  'jca-mse': row([0.2346, 0.1768, 0.2017], [0.0256, 0.0665, 0.037], [0.0178, 0.1205, 0.0311]),
  ncf: row([0.2182, 0.1637, 0.187], [0.0235, 0.0636, 0.0343], [0.0161, 0.1089, 0.0281]),
  cdae: row([0.2344, 0.1743, 0.1999], [0.0242, 0.0654, 0.0353], [0.0173, 0.1154, 0.0301]),
  'jca-bpr': row([0.2106, 0.1597, 0.1817], [0.0234, 0.0639, 0.0343], [0.0173, 0.116, 0.0301]),
  npr: row([0.2078, 0.1594, 0.1806], [0.0203, 0.0543, 0.0295], [0.0114, 0.0762, 0.0198]),
  bpr: row([0.1975, 0.1498, 0.1704], [0.0154, 0.0391, 0.0221], [0.0101, 0.0655, 0.0175]),
  jca: row([0.2384, 0.1845, 0.208], [0.0261, 0.0674, 0.0376], [0.0185, 0.1247, 0.0322]),
  'jca-nf': row([0.2303, 0.1777, 0.2006], [0.0257, 0.0669, 0.0371], [0.0179, 0.1214, 0.0313]),
} satisfies Partial<Record<PaperSystem, Record<PrintedDataName, Three>>>

/** A column of metrics. */
export interface MetricColumn {
  label: string
  metric: 'precision' | 'recall' | 'f1'
  k: K
}

/** A table of systems by metrics, for each data set. */
export interface PrintedTable {
  title: string
  columns: readonly MetricColumn[]
  /** In printed order. */
  systems: readonly PaperSystem[]
  /** Of a system on a data set, by column. */
  values(system: PaperSystem, data: PrintedDataName): readonly number[]
}

const pr10: MetricColumn[] = [
  { label: 'P@10', metric: 'precision', k: 10 },
  { label: 'R@10', metric: 'recall', k: 10 },
  { label: 'F1@10', metric: 'f1', k: 10 },
]

function tableOf<Name extends PaperSystem>(
  title: string,
  columns: readonly MetricColumn[],
  numbers: Record<Name, Record<PrintedDataName, Three>>,
  names: readonly Name[],
): PrintedTable {
  return { title, columns, systems: names, values: (system, data) => numbers[system as Name][data] }
}

const f1Columns = ([1, 5, 10] as const).map((k): MetricColumn => ({ label: `F1@${k}`, metric: 'f1', k }))

/** Tables 1 and 3 to 6. */
export const printedTables = {
  1: tableOf('U-AutoRec, I-AutoRec and their average', pr10, atTen, ['u-autorec', 'i-autorec', 'ui-autorec']),
  3: tableOf('JCA and eight baselines', f1Columns, f1s, Object.keys(f1s) as (keyof typeof f1s)[]),
  4: tableOf('JCA beside baselines of the same loss', pr10, atTen, [
    'jca-mse',
    'ncf',
    'ui-autorec',
    'cdae',
    'jca-bpr',
    'npr',
    'bpr',
  ]),
  5: tableOf('JCA with other losses', pr10, atTen, ['jca', 'jca-mse', 'jca-bpr']),
  6: tableOf('JCA with and without the item factor', pr10, atTen, ['jca', 'jca-nf']),
} satisfies Record<number, PrintedTable>
export type MetricTableNumber = keyof typeof printedTables

/** Table 3's last row: by how many percent JCA is better than the best baseline of the column. */
export const printedImprovement: Record<PrintedDataName, Three> = row(
  [8.9, 3.5, 4.1],
  [6.5, 7.8, 6.5],
  [10, 7.1, 7],
)

/** The eight baselines of table 3. */
export const baselines = printedTables[3].systems.filter((system) => system !== 'jca')
