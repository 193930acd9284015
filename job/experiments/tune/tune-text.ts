import type { CsrMatrix } from '../../data/csr-matrix.ts'
import type { Plan } from './plan.ts'
import type { TuneResult } from './tune.ts'

/** What the search may spend, before it begins. */
export function describeBudget({ model, trials, rungs }: Plan, heldOut: CsrMatrix): string {
  const steps =
    rungs.length === 1
      ? `${trials.length} trials of at most ${rungs[0].epochs} epoch${rungs[0].epochs === 1 ? '' : 's'}`
      : rungs.map(({ trials: few, epochs }) => `${few} trials to epoch ${epochs}`).join(', ')
  return `budget: ${steps} of ${model}; chosen by NDCG@10 on ${heldOut.columns.length} held-out rows`
}

/** How many trials are worth a line. */
const shownMost = 15

/** The ranking as a table, and what to do with it. */
export function describeTune({ plan, ranking, best }: TuneResult, dataset: string, out: string): string {
  const searched = Object.keys(best.options).filter(
    (name) => new Set(plan.trials.map((options) => JSON.stringify(options[name]))).size > 1,
  )
  const rows = ranking
    .slice(0, shownMost)
    .map(({ trial, best, options, fitMs, failed }) => [
      String(trial),
      best?.ndcg10.toFixed(4) ?? '-',
      best?.f1At10.toFixed(4) ?? '-',
      String(best?.epoch ?? '-'),
      (fitMs / 1000).toFixed(1),
      ...searched.map((name) => String(options[name])),
      ...(failed === null ? [] : [failed.split(' ')[0]]),
    ])
  const table = aligned([['trial', 'ndcg@10', 'f1@10', 'epoch', 'fit s', ...searched], ...rows])
  const more = ranking.length - rows.length
  return [
    ...table,
    ...(more > 0 ? [`... and ${more} more in ${out}/trials.json`] : []),
    '',
    `best       trial ${ranking[0].trial}: ${searched.map((name) => `${name}=${String(best.options[name])}`).join(' ')}`,
    `picture    ${out}/tune.svg`,
    `next       nightjar train ${dataset} --out RUN --tuned ${out}/best.json`,
  ].join('\n')
}

function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
}
