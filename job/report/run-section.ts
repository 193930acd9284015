import type { RunManifest } from '../data/run-manifest.ts'
import { countText, durationText, metricText, momentText, percentText } from './figure-text.ts'
import type { ReportFacts } from './report-facts.ts'
import { factsTable, type ReportSection, reportSection } from './report-section.ts'
import { timingsChart } from './training-charts.ts'

/** The rows that the run was trained on. */
export function dataSection({ manifest, night }: ReportFacts): ReportSection {
  const { dataset, rows, dataCutoff } = manifest
  const { users, items, interactions } = dataset
  const imported = night?.dataset?.imported
  return reportSection('data', 'Data', {
    tables: [
      factsTable('What it was trained on', [
        ['users', countText(users)],
        ['items', countText(items)],
        [
          'pairs',
          `${countText(interactions)}, ${percentText(interactions / Math.max(1, users * items))} of all that could be`,
        ],
        ['newest row', momentText(dataCutoff)],
        ['rows since', rows?.since == null ? 'any time' : momentText(rows.since)],
        ['rows of weight', rows?.minWeight == null ? 'any' : `${rows.minWeight} or more`],
        ...(imported === undefined
          ? []
          : [
              [
                'imported that night',
                `${countText(imported.rows)} rows, ${countText(imported.users)} new users, ${countText(imported.items)} new items`,
              ] as const,
            ]),
        ['digest', dataset.digest.slice(0, 16)],
      ]),
    ],
  })
}

/** What it was trained with, and how long that took. */
export function runSection({ manifest }: ReportFacts): ReportSection {
  const { engine, nightjar, seed, foldIn } = manifest
  const timings = timingsOf(manifest)
  return reportSection('run', 'How it was run', {
    paragraphs:
      timings.length === 0
        ? []
        : [
            'Times are of the process that ended the training: what ran before a resume is not in them. Export and publication are not timed in the manifest.',
          ],
    figures:
      timings.length === 0
        ? []
        : [
            {
              chart: timingsChart(timings),
              table: factsTable(
                'Time by phase',
                timings.map(({ phase, ms }) => [phase, durationText(ms)] as const),
              ),
            },
          ],
    tables: [
      factsTable('Run', [
        ['run', manifest.versionId],
        ['model', manifest.model],
        ['begun', momentText(manifest.startedAt)],
        ['seed', String(seed)],
        [
          'engine',
          [
            engine.name,
            engine.backend,
            engine.device,
            `${engine.threads} thread${engine.threads === 1 ? '' : 's'}`,
          ]
            .filter(Boolean)
            .join(', '),
        ],
        ['nightjar', `${nightjar.version}${nightjar.commit === null ? '' : `, commit ${nightjar.commit}`}`],
        [
          'lists from a history alone',
          foldIn === undefined
            ? 'no component'
            : `${foldIn.epochs} epochs${foldIn.validation === null ? '' : `, held-out NDCG@10 ${metricText(foldIn.validation['ndcg@10'])}`}`,
        ],
      ]),
      factsTable(
        'Options',
        Object.entries(manifest.config)
          .filter(([, value]) => !Array.isArray(value))
          .map(([name, value]) => [name, value === null ? 'none' : String(value)] as const),
      ),
    ],
  })
}

const phaseNames: Record<string, string> = {
  searchMs: 'search',
  evaluateMs: 'looks at held-out rows',
  refitMs: 'fit on all rows',
}

function timingsOf({ timingsMs, foldIn }: RunManifest): { phase: string; ms: number }[] {
  return [
    ...Object.entries(timingsMs).map(([name, ms]) => ({
      phase: phaseNames[name] ?? name.replace(/Ms$/, ''),
      ms,
    })),
    ...(foldIn === undefined ? [] : [{ phase: 'fold-in component', ms: foldIn.elapsedMs }]),
  ].filter(({ ms }) => ms > 0)
}
