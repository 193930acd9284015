import type { TextCell } from '../../report/text-table.ts'
import { countText } from './figure-text.ts'
import type { Reproduction } from './report-content.ts'
import { type DataResult, hasRun, type SystemResult } from './results.ts'
import { type Section, section } from './section.ts'
import type { SplitFolder } from './split-folder.ts'
import { systemLabel } from './systems.ts'

/** How everything was run: without it no figure can be had again. */
export function runSection({ data, commit }: Pick<Reproduction, 'data' | 'commit'>): Section {
  const given = data.flatMap(({ label, split, systems }) =>
    split === undefined ? [] : [{ label, split, systems }],
  )
  return section('runs', 'How it was run', {
    paragraphs: [
      'Each model was fitted on all rows of train, those of validation among them; test was scored once, with the items of train left out of every list. Epochs that no file gives were searched for on the validation rows, which the model was fitted without for that; the number found with seed 1 holds for all seeds.',
      ...given.map(({ label, split }) => `${label} ${factsOf(split)}`),
      ...given.flatMap(notRunOf),
      ...otherCommits(data, commit),
    ],
    tables: given.map(({ label, systems }) => ({
      caption: label,
      columns: ['model', 'options', 'epochs', 'seeds', 'engine', 'seconds a seed'],
      words: ['options'],
      rows: [...systems].flatMap(([system, result]) =>
        hasRun(result) ? [{ head: systemLabel(system), cells: cellsOf(result) }] : [],
      ),
    })),
  })
}

/** Which fit takes longest: where the next hour of work would be spent best. */
export function slowestText(data: readonly DataResult[]): string[] {
  const runs = data.flatMap(({ label, systems }) =>
    [...systems].flatMap(([system, result]) =>
      hasRun(result)
        ? [
            {
              name: `${systemLabel(system)} on ${label}`,
              each: secondsOf(result),
              all: totalSecondsOf(result),
            },
          ]
        : [],
    ),
  )
  if (runs.length === 0) return []
  const slowest = runs.reduce((most, run) => (run.each > most.each ? run : most))
  const minutes = runs.reduce((sum, { all }) => sum + all, 0) / 60
  return [
    `Fitting all of it took ${minutes.toFixed(1)} minutes, searches for epochs among them; the slowest is ${slowest.name}, ${slowest.each.toFixed(1)} s a seed.`,
  ]
}

/** Of one fit, the mean over seeds. */
export function secondsOf({ outcomes }: Pick<SystemResult, 'outcomes'>): number {
  return outcomes.reduce((sum, { facts }) => sum + facts.fitSeconds, 0) / outcomes.length
}

function totalSecondsOf(result: SystemResult): number {
  return secondsOf(result) * result.outcomes.length + (result.source.searchSeconds ?? 0)
}

function factsOf({ counts, digest, name }: SplitFolder): string {
  const facts = [
    `${countText(counts.testUsers)} users with test rows`,
    counts.rows !== counts.pairs && `${countText(counts.rows - counts.pairs)} rows repeat others`,
    counts.knownTestPairs > 0 &&
      `${countText(counts.knownTestPairs)} test pairs also stand in train: they cannot be hit, and count in recall`,
    counts.unknownItems > 0 &&
      `${countText(counts.unknownItems)} items of test are not in train, and cannot be hit`,
    counts.unknownUsers > 0 &&
      `${countText(counts.unknownUsers)} users of test are not in train, and count without a hit`,
    counts.addedRows > 0 &&
      `${countText(counts.addedRows)} validation rows were not in train, and were added`,
  ].filter(Boolean)
  return `(folder ${name}, digest ${digest.slice(0, 12)}): ${facts.join('; ')}.`
}

/** Systems without a result, by the reason. */
function notRunOf({ label, systems }: Pick<DataResult, 'label' | 'systems'>): string[] {
  const byReason = new Map<string, string[]>()
  for (const [system, result] of systems) {
    if (hasRun(result)) continue
    byReason.set(result.notRun, [...(byReason.get(result.notRun) ?? []), systemLabel(system)])
  }
  return [...byReason].map(([reason, names]) => `Not run on ${label}: ${names.join(', ')} (${reason}).`)
}

function cellsOf({ outcomes, source }: SystemResult): TextCell[] {
  const { options, epochs, engine, threads } = outcomes[0].facts
  const { config, isOfData, isRandom, searchSeconds } = source
  return [
    {
      text: optionsText(options),
      under: [
        config === undefined
          ? 'defaults, not tuned on this data'
          : `${config}${isOfData ? '' : ', not tuned on this data'}`,
      ],
    },
    {
      text: String(epochs),
      ...(searchSeconds !== undefined && { under: [`searched for, ${searchSeconds.toFixed(1)} s`] }),
    },
    { text: isRandom ? outcomes.map(({ facts }) => facts.seed).join(', ') : 'any' },
    { text: engine, under: [`${threads} thread${threads === 1 ? '' : 's'}`] },
    { text: secondsOf({ outcomes }).toFixed(1) },
  ]
}

function optionsText(options: object): string {
  const all = Object.entries(options).map(([name, value]) => `${name} ${valueText(value)}`)
  return all.join(', ') || 'none'
}

/** A part of a blend is told as its weight, its name and its own options. */
function valueText(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(6)))
  if (Array.isArray(value)) return value.map(valueText).join(' + ')
  if (value === null || typeof value !== 'object') return String(value)
  const { model, options, epochs, weight } = value as Record<string, unknown>
  return `${weight} ${model} (${optionsText(options as object)}, epochs ${epochs})`
}

/** Kept outcomes may be of an earlier state of the code. */
function otherCommits(data: readonly DataResult[], commit: string | null): string[] {
  const commits = data.flatMap(({ systems }) =>
    [...systems.values()].flatMap((result) =>
      hasRun(result) ? result.outcomes.map(({ facts }) => facts.commit) : [],
    ),
  )
  const others = [...new Set(commits)].filter((other) => other !== commit)
  if (others.length === 0) return []
  return [
    `Some of the models were fitted by an earlier run, at commit ${others.map((other) => other ?? 'unknown').join(', ')}, and kept since.`,
  ]
}
