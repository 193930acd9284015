import type { Drawing } from './drawing.ts'
import { cellText, countText, metricText, percentText, pText } from './figure-text.ts'
import type { Figure } from './figures.ts'
import { type DataResult, hasRun } from './results.ts'
import { systemLabel } from './system-label.ts'
import type { Cell, Table } from './tables.ts'
import { level, type Nearness, nearShare, type Verdict } from './verdicts.ts'

/** Everything that a reproduction found. */
export interface Reproduction {
  version: string
  commit: string | null
  /** When the report was made, ISO 8601. */
  at: string
  data: DataResult[]
  tables: Table[]
  figures: Figure[]
  verdicts: Verdict[]
  nearness: Nearness[]
}

/** A cell: its text, and what stands small below it. */
export interface TextCell {
  text: string
  under?: string
  tone?: 'strong' | 'soft' | 'good' | 'bad'
}

export interface TextTable {
  caption: string
  /** Of all columns, the rows' names first. */
  columns: string[]
  rows: { head: string; cells: TextCell[]; isBeside?: boolean }[]
}

/** A part of the report, whatever it is written in. */
export interface Section {
  id: string
  heading: string
  paragraphs: string[]
  tables: TextTable[]
  drawings: Drawing[]
}

/** The report's parts, in order. */
export function sectionsOf(found: Reproduction): Section[] {
  return [
    summary(found),
    ...found.tables.map(tableSection),
    ...found.figures.map(figureSection),
    ...(found.verdicts.length === 0 ? [] : [verdictSection(found.verdicts)]),
    ...(found.nearness.length === 0 ? [] : [nearnessSection(found.nearness)]),
    runSection(found.data),
  ]
}

function summary({ version, commit, at, data, verdicts, nearness }: Reproduction): Section {
  const count = (wanted: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === wanted).length
  const run = nearness.filter(({ isNear }) => isNear !== undefined)
  const missing = data.filter(({ split }) => split === undefined).map(({ label }) => label)
  return section('summary', 'Summary', {
    paragraphs: [
      `Tables and figures of Zhu, Wang, Caverlee: Improving Top-K Recommendation via Joint Collaborative Autoencoders, WWW 2019, run again by nightjar ${version}${commit === null ? '' : `, commit ${commit}`}, ${at.slice(0, 16).replace('T', ' ')} UTC.`,
      ...(verdicts.length === 0
        ? []
        : [
            `Of ${verdicts.length} orderings that the paper concludes from, ${count('confirmed')} are confirmed, ${count('refuted')} refuted, ${count('not decided')} not decided, ${count('not run')} not run.`,
          ]),
      ...(nearness.length === 0
        ? []
        : [
            `Of ${run.length} baselines that have run, ${run.filter(({ isNear }) => isNear).length} have an F1@10 within ${100 * nearShare} % of the printed one.`,
          ]),
      ...(missing.length === 0
        ? []
        : [
            `Not run, because no folder of it was given: ${missing.join(', ')}. What is printed of it stands here as printed, and nothing as ours.`,
          ]),
      'In a table a cell has ours on top: the mean over seeds and, where there are several, ± one standard deviation of them. Below stands what the paper prints, and ours less that. Ours is highest of its column where it is bold. P, R and NDCG are averages over users with at least one test row; F1 is computed from the averages of P and R.',
    ],
  })
}

function tableSection({ number, title, stub, blocks }: Table): Section {
  return section(`table-${number}`, `Table ${number}: ${title}`, {
    tables: blocks.map(({ label, columns, rows }) => ({
      caption: label,
      columns: [stub, ...columns],
      rows: rows.map(({ label: head, cells, isBeside }) => ({
        head,
        cells: cells.map(textCell),
        ...(isBeside && { isBeside }),
      })),
    })),
    paragraphs: blocks.some(({ rows }) => rows.some(({ isBeside }) => isBeside))
      ? ['The last rows are models that the paper does not have, tuned on the same validation rows.']
      : [],
  })
}

function textCell({ unit, printed, ours, difference, isBest, notRun }: Cell): TextCell {
  const print =
    printed === undefined
      ? {}
      : {
          under: `printed ${cellText(unit, printed)}${difference === undefined ? '' : `, ${cellText(unit, difference, true) || '0'}`}`,
        }
  if (ours === undefined) return { text: notRun === undefined ? '' : 'not run', tone: 'soft', ...print }
  const deviation = ours.deviation === undefined ? '' : ` ± ${cellText(unit, ours.deviation)}`
  return { text: cellText(unit, ours.mean) + deviation, ...(isBest && { tone: 'strong' }), ...print }
}

function figureSection({ number, title, notes, panels }: Figure): Section {
  const missing = panels.filter(({ notRun }) => notRun !== undefined)
  return section(`figure-${number}`, `Figure ${number}: ${title}`, {
    paragraphs: [...notes, ...missing.map(({ label, notRun }) => `${label}: not run (${notRun}).`)],
    drawings: panels.flatMap(({ drawing }) => drawing ?? []),
  })
}

function verdictSection(verdicts: readonly Verdict[]): Section {
  const numbers = [...new Set(verdicts.map(({ claim }) => claim.table))]
  const tones = { confirmed: 'good', refuted: 'bad', 'not decided': 'soft', 'not run': 'soft' } as const
  const rowOf = ({ claim, data, printed, ours, verdict, why }: Verdict) => ({
    head: `${systemLabel(claim.better)} > ${systemLabel(claim.worse)}, F1@${claim.k}, ${data.label}`,
    cells: [
      { text: verdict, tone: tones[verdict], ...(why !== undefined && { under: why }) },
      { text: printed === undefined ? '' : metricText(printed, true) },
      ...(ours === undefined
        ? [{ text: '' }, { text: '' }, { text: '' }, { text: '' }]
        : [
            {
              text: metricText(ours.difference, true),
              under: `${metricText(ours.interval.low, true)} to ${metricText(ours.interval.high, true)}`,
            },
            { text: pText(ours.pF1) },
            { text: pText(ours.pNdcg10) },
            { text: `${ours.agreeing} of ${ours.pairsOfSeeds}` },
          ]),
    ],
  })
  return section('verdicts', 'Verdicts on the paper’s orderings', {
    paragraphs: [
      `Each row is an ordering that the paper prints. Ours is the first's F1 less the second's, each from its averages, and below it the middle 95 % of that difference over 2,000 draws of users (paired bootstrap, seeded). The p-values are of paired two-sided t-tests over users, as in the paper: of users' own F1@k, since F1 of averages is no mean over users, and of their NDCG@10. With several seeds a user's values are averaged over seeds first, so that each user counts once; the last column has how many pairs of one seed of each agree in sign.`,
      `Confirmed or refuted is what has p below ${level} for users' F1, an interval without 0, and all pairs of seeds on one side. The p-values are not corrected for how many there are, and say nothing of other data.`,
    ],
    tables: numbers.map((number) => ({
      caption: `Orderings of table ${number}`,
      columns: ['ordering', 'verdict', 'printed', 'ours', 'p, F1', 'p, NDCG@10', 'seeds'],
      rows: verdicts.filter(({ claim }) => claim.table === number).map(rowOf),
    })),
  })
}

function nearnessSection(nearness: readonly Nearness[]): Section {
  const labels = [...new Set(nearness.map(({ data }) => data.label))]
  return section('baselines', 'How near the baselines come to print', {
    paragraphs: [
      `Each baseline's F1@10 beside the printed one; near is within ${100 * nearShare} % of it. One that is far above was tuned better here than there, which makes the comparison with JCA harder, not easier.`,
    ],
    tables: labels.map((label) => ({
      caption: label,
      columns: ['baseline', 'ours', 'off by', ''],
      rows: nearness
        .filter(({ data }) => data.label === label)
        .map(({ system, printed, ours, isNear }) => ({
          head: systemLabel(system),
          cells: [
            {
              text: ours === undefined ? 'not run' : metricText(ours),
              under: `printed ${metricText(printed)}`,
              ...(ours === undefined && { tone: 'soft' as const }),
            },
            { text: ours === undefined ? '' : percentText(ours / printed - 1) },
            isNear === undefined
              ? { text: '' }
              : isNear
                ? { text: 'near', tone: 'good' as const }
                : { text: ours !== undefined && ours > printed ? 'above' : 'below', tone: 'bad' as const },
          ],
        })),
    })),
  })
}

/** What was run on what: without it no figure can be had again. */
function runSection(data: readonly DataResult[]): Section {
  const given = data.flatMap(({ label, split, systems }) =>
    split === undefined ? [] : [{ label, split, systems }],
  )
  return section('runs', 'How it was run', {
    paragraphs: given.map(({ label, split: { counts, digest, name } }) => {
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
      return `${label} (folder ${name}, digest ${digest.slice(0, 12)}): ${facts.join('; ')}.`
    }),
    tables: given.map(({ label, systems }) => ({
      caption: label,
      columns: ['model', 'options', 'epochs', 'seeds', 'engine', 'seconds of fitting'],
      rows: [...systems].map(([system, result]) => {
        const head = systemLabel(system)
        if (!hasRun(result))
          return { head, cells: [{ text: `not run: ${result.notRun}`, tone: 'soft' as const }] }
        const { options, epochs, engine, isTuned } = result.outcomes[0].facts
        const seconds = result.outcomes.reduce((sum, { facts }) => sum + facts.fitSeconds, 0)
        return {
          head,
          cells: [
            { text: optionsText(options), ...(!isTuned && { under: 'defaults, not tuned on this data' }) },
            { text: String(epochs) },
            { text: result.outcomes.map(({ facts }) => facts.seed).join(', ') },
            { text: engine },
            { text: seconds.toFixed(1) },
          ],
        }
      }),
    })),
  })
}

function optionsText(options: object): string {
  const all = Object.entries(options).map(([name, value]) => `${name} ${value}`)
  return all.join(', ') || 'none'
}

function section(id: string, heading: string, parts: Partial<Section>): Section {
  return { id, heading, paragraphs: [], tables: [], drawings: [], ...parts }
}
