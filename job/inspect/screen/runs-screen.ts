import { joinPlace } from '../../store/place.ts'
import type { RunRow, RunsReport } from '../runs-facts.ts'
import { sparkline } from './charts.ts'
import { faultLines, noteLines } from './fault-lines.ts'
import type { Paint } from './paint.ts'
import { tableLines } from './table-lines.ts'
import { fact, some } from './text.ts'

/** A month of nights. */
const shownMax = 31

export function runsScreen({ place, runs, faults, notes }: RunsReport, paint: Paint): string {
  const [newest] = runs
  const shown = runs.slice(0, shownMax)
  return [
    ...fact('runs', place).map(paint.strong),
    ...fact('holds', holdings(runs)),
    ...qualityLines(runs, paint),
    '',
    ...tableLines(
      ['newest first', 'began', 'model', 'NDCG@10', 'k', 'ended'],
      shown.map(({ name, startedAt, model, ndcg10, k, outcome }) => [
        name,
        startedAt.slice(0, 16).replace('T', ' '),
        model,
        ndcg10?.toFixed(4) ?? '-',
        k === null ? '-' : String(k),
        outcome ?? '-',
      ]),
      paint,
    ),
    ...(runs.length > shown.length
      ? [paint.soft(`  and ${runs.length - shown.length} older (--json has all)`)]
      : []),
    '',
    ...(newest?.why == null ? [] : fact('the newest', `${newest.outcome}: ${newest.why}`)),
    ...(newest === undefined ? [] : fact('next', `nightjar inspect ${joinPlace(place, newest.name)}`)),
    ...noteLines(notes, paint),
    '',
    ...faultLines(faults, paint, 'every manifest is readable'),
  ].join('\n')
}

/** `3 nights: 2 published, 1 refused; 1 run by hand` */
function holdings(runs: readonly RunRow[]): string {
  const known = runs.flatMap(({ outcome }) => outcome ?? [])
  const ends = known.filter((end) => end !== 'unreadable')
  const nights = ends.length
  const byHand = runs.length - known.length
  const unreadable = known.length - nights
  const counts = [...new Set(ends)]
    .map((end) => `${ends.filter((other) => other === end).length} ${end}`)
    .join(', ')
  return [
    ...(nights === 0 ? [] : [`${some(nights, 'night')}: ${counts}`]),
    ...(byHand === 0 ? [] : [`${some(byHand, 'run')} by hand`]),
    ...(unreadable === 0 ? [] : [`${unreadable} unreadable`]),
  ].join('; ')
}

/** What was measured, from the oldest to the newest. */
function qualityLines(runs: readonly RunRow[], paint: Paint): string[] {
  const measured = runs.flatMap(({ ndcg10 }) => ndcg10 ?? []).reverse()
  if (measured.length < 2) return []
  const [low, high] = [Math.min(...measured), Math.max(...measured)].map((value) => value.toFixed(4))
  const curve = sparkline(measured, 31)
  return [`NDCG@10     ${paint.accent(curve)}  ${low} to ${high}, on held-out rows`]
}
