import type { TextCell } from '../../report/text-table.ts'
import { ablationSections } from './ablation-section.ts'
import { costSections } from './cost-section.ts'
import { cellText, metricText, percentText, pText } from './figure-text.ts'
import type { Figure } from './figures.ts'
import type { DataResult } from './results.ts'
import { runSection, slowestText } from './run-section.ts'
import { type Section, section } from './section.ts'
import { systemLabel } from './systems.ts'
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

/** The report's parts, in order. */
export function sectionsOf(found: Reproduction): Section[] {
  return [
    summary(found),
    ...found.tables.map(tableSection),
    ...found.figures.map(figureSection),
    ...(found.verdicts.length === 0 ? [] : [verdictSection(found.verdicts)]),
    ...(found.nearness.length === 0 ? [] : [nearnessSection(found.nearness)]),
    ...ablationSections(found.data),
    ...costSections(found.data),
    runSection(found),
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
            `Of ${verdicts.length} orderings that the paper concludes from, counted on each data set, ${count('confirmed')} are confirmed, ${count('refuted')} refuted, ${count('not decided')} not decided, ${count('not run')} not run.`,
          ]),
      ...(nearness.length === 0
        ? []
        : [
            `F1@10 is within ${100 * nearShare} % of the printed one for ${run.filter(({ isNear }) => isNear).length} of the ${run.length} baselines that have run, and further above it for ${run.filter(isFarAbove).length}.`,
          ]),
      ...slowestText(data),
      ...(missing.length === 0
        ? []
        : [
            `Not run, because no folder of it was given: ${missing.join(', ')}. What is printed of it stands here as printed, and nothing as ours.`,
          ]),
      'Ours is the mean over seeds and, where there are several, ± one standard deviation of them. P, R and NDCG are averages over users with at least one test row; F1 is computed from the averages of P and R.',
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
    paragraphs: [
      `In a cell ours stands on top${number === 2 ? '' : ', bold where it is the highest of its column, and its deviation over seeds'}; below it what the paper prints, and ours less that.`,
      ...(blocks.some(({ rows }) => rows.some(({ isBeside }) => isBeside))
        ? ['The last rows are models that the paper does not have.']
        : []),
    ],
  })
}

function textCell({ unit, printed, ours, difference, isBest, notRun }: Cell): TextCell {
  const print =
    printed === undefined
      ? []
      : [cellText(unit, printed) + (difference === undefined ? '' : `, ${cellText(unit, difference, true)}`)]
  if (ours === undefined) return { text: notRun === undefined ? '' : 'not run', tone: 'soft', under: print }
  const deviation = ours.deviation === undefined ? [] : [`± ${cellText(unit, ours.deviation)}`]
  return {
    text: cellText(unit, ours.mean),
    ...(isBest && { tone: 'strong' }),
    under: [...deviation, ...print],
  }
}

function figureSection({ number, title, notes, panels }: Figure): Section {
  const missing = panels.filter(({ notRun }) => notRun !== undefined)
  return section(`figure-${number}`, `Figure ${number}: ${title}`, {
    paragraphs: [...notes, ...missing.map(({ label, notRun }) => `${label}: not run (${notRun}).`)],
    charts: panels.flatMap(({ chart }) => chart ?? []),
  })
}

function verdictSection(verdicts: readonly Verdict[]): Section {
  const here = verdicts.filter(({ data }) => data.split !== undefined)
  const numbers = [...new Set(here.map(({ claim }) => claim.table))]
  const tones = { confirmed: 'good', refuted: 'bad', 'not decided': 'soft', 'not run': 'soft' } as const
  const rowOf = ({ claim, data, printed, ours, verdict, why }: Verdict) => ({
    head: `${systemLabel(claim.better)} > ${systemLabel(claim.worse)}, F1@${claim.k}, ${data.label}`,
    cells: [
      { text: verdict, tone: tones[verdict], ...(why !== undefined && { under: [why] }) },
      { text: printed === undefined ? '' : metricText(printed, true) },
      ...(ours === undefined
        ? [{ text: '' }, { text: '' }, { text: '' }, { text: '' }]
        : [
            {
              text: metricText(ours.difference, true),
              under: [`${metricText(ours.interval.low, true)} to ${metricText(ours.interval.high, true)}`],
            },
            { text: pText(ours.pF1) },
            { text: pText(ours.pNdcg10) },
            { text: `${ours.agreeing} of ${ours.pairsOfSeeds}` },
          ]),
    ],
  })
  return section('verdicts', 'Verdicts on the paper’s orderings', {
    paragraphs: [
      `Each row is an ordering that the paper prints. Ours is the first's F1 less the second's, each from its averages, and below it the middle 95 % of that difference over 2,000 draws of users (paired bootstrap, seeded; fewer draws of more than 50,000 users). The p-values are of paired two-sided t-tests over users, as in the paper: of users' own F1@k, since F1 of averages is no mean over users, and of their NDCG@10. With several seeds a user's values are averaged over seeds first, so that each user counts once; the last column has how many pairs of one seed of each agree in sign.`,
      `Confirmed or refuted is what has p below ${level} for users' F1, an interval without 0, and all pairs of seeds on one side. The p-values are not corrected for how many there are, and say nothing of other data.`,
      ...notHere(verdicts),
    ],
    tables: numbers.map((number) => ({
      caption: `Orderings of table ${number}`,
      columns: ['ordering', 'verdict', 'printed', 'ours', 'p, F1', 'p, NDCG@10', 'seeds'],
      words: ['verdict'],
      rows: here.filter(({ claim }) => claim.table === number).map(rowOf),
    })),
  })
}

function nearnessSection(nearness: readonly Nearness[]): Section {
  const labels = [
    ...new Set(nearness.filter(({ data }) => data.split !== undefined).map(({ data }) => data.label)),
  ]
  return section('baselines', 'How near the baselines come to print', {
    paragraphs: [
      `Each baseline's F1@10, and the printed one below it; near is within ${100 * nearShare} % of it. One that is far above was tuned better here than there, which makes the comparison with JCA harder, not easier.`,
      ...notHere(nearness),
    ],
    tables: labels.map((label) => ({
      caption: label,
      columns: ['baseline', 'ours', 'off by', 'verdict'],
      words: ['verdict'],
      rows: nearness
        .filter(({ data }) => data.label === label)
        .map(({ system, printed, ours, isNear }) => ({
          head: systemLabel(system),
          cells: [
            {
              text: ours === undefined ? 'not run' : metricText(ours),
              under: [metricText(printed)],
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

/** Rows that nothing can be said of yet, in a line. */
function notHere(rows: readonly { data: DataResult }[]): string[] {
  const labels = rows.filter(({ data }) => data.split === undefined).map(({ data }) => data.label)
  return [...new Set(labels)].map(
    (label) =>
      `${label}: ${labels.filter((one) => one === label).length} not run (no folder of this data was given).`,
  )
}

const isFarAbove = ({ isNear, ours = 0, printed }: Nearness) => isNear === false && ours > printed
