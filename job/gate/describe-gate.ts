import type { GateReport } from './gate-report.ts'

/** The report as a person reads it: the verdict first. */
export function describeGate(report: GateReport): string {
  const { ndcg10, coverage, users, margin } = report
  const verdict = report.passed ? 'passed' : report.forced ? 'REFUSED, and overruled by --force' : 'REFUSED'
  const compared =
    report.mode === 'new-rows'
      ? `${users} users, on rows imported since ${report.liveVersion}`
      : `${users} users, both configurations trained on one reduced set (users with new rows: only ${report.usersWithNewRows})${report.sameConfiguration ? '; they are the same' : ''}`
  return [
    `gate       ${verdict}`,
    `compared   ${compared}`,
    `NDCG@10    ${ndcg10.candidate.toFixed(4)}, live ${ndcg10.live.toFixed(4)}; difference ${signed(report.difference)}, at least ${signed(report.lowerBound)} (95 %), allowed ${signed(-margin.ndcg10)}`,
    `coverage   ${(100 * coverage.candidate).toFixed(1)} % of the catalogue in somebody's first ten, live ${(100 * coverage.live).toFixed(1)} %`,
    `rows up to ${report.dataCutoff.candidate}, live ${report.dataCutoff.live}`,
    ...report.refusals.map(({ code, what, fix }) => `${code}\n           ${what}\n           ${fix}`),
  ].join('\n')
}

const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(4)}`
