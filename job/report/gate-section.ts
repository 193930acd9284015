import { countText, intervalText, metricText, momentText, percentText, signedText } from './figure-text.ts'
import { intervalChart } from './list-charts.ts'
import type { ReportFacts } from './report-facts.ts'
import { type ReportSection, reportSection } from './report-section.ts'

/** What the gate of a night found: both contenders on rows that neither has seen. */
export function gateSection({ night }: ReportFacts): ReportSection[] {
  if (night === undefined) return []
  const { gate, live, listRefusals = [] } = night
  if (gate === undefined) {
    return [
      reportSection('gate', 'The gate', {
        paragraphs: [
          live == null
            ? 'Nothing was served before this night, so there was nothing to compare it with.'
            : 'No gate was held.',
          ...listTexts(listRefusals),
        ],
      }),
    ]
  }
  const verdict = gate.passed ? 'passed' : gate.forced ? 'refused, and overruled by --force' : 'refused'
  const { ndcg10, intervals, popularity, margin, coverage } = gate
  const contenders = [
    { name: 'tonight', ndcg: ndcg10.candidate, interval: intervals?.candidate },
    { name: 'live', ndcg: ndcg10.live, interval: intervals?.live },
    ...(popularity === undefined
      ? []
      : [{ name: 'popularity', ndcg: popularity.ndcg10, interval: popularity.interval }]),
  ]
  return [
    reportSection('gate', 'The gate', {
      paragraphs: [
        `Verdict: ${verdict}.`,
        gate.mode === 'new-rows'
          ? `Tonight’s configuration, trained without the rows since the live version ${gate.liveVersion}, was compared with that version’s lists on those rows: ${countText(gate.users)} users.`
          : `Only ${countText(gate.usersWithNewRows)} users have rows since the live version ${gate.liveVersion}, so both configurations were trained on one reduced set and compared on what it lacks: ${countText(gate.users)} users.${gate.sameConfiguration ? ' They are the same.' : ''}`,
        `NDCG@10 differs by ${signedText(gate.difference)} (95 %: ${intervalText(intervals?.difference, signedText)}); with 95 % certainty by no less than ${signedText(gate.lowerBound)}, where ${signedText(-margin.ndcg10)} is allowed.`,
        ...(popularity === undefined
          ? []
          : [
              `Tonight’s is better than popularity by ${signedText(popularity.lead)} (95 %: ${intervalText(popularity.leadInterval, signedText)}).`,
            ]),
        ...listTexts([...gate.refusals, ...listRefusals]),
      ],
      figures: [{ chart: intervalChart('chart-gate', 'NDCG@10 at the gate', contenders) }],
      tables: [
        {
          caption: 'On the gate’s rows',
          columns: ['lists of', 'NDCG@10', '95 %', 'coverage of the first ten', 'newest row'],
          words: ['newest row'],
          rows: contenders.map(({ name, ndcg, interval }, n) => ({
            head: name,
            cells: [
              { text: metricText(ndcg), ...(n === 0 && { tone: 'strong' as const }) },
              { text: intervalText(interval) },
              { text: n < 2 ? percentText(n === 0 ? coverage.candidate : coverage.live) : '' },
              {
                text: n < 2 ? momentText(n === 0 ? gate.dataCutoff.candidate : gate.dataCutoff.live) : '',
              },
            ],
          })),
        },
      ],
    }),
  ]
}

function listTexts(refusals: readonly { code: string; what: string; fix: string }[]): string[] {
  return refusals.map(({ code, what, fix }) => `${code}: ${what}. ${fix}.`)
}
