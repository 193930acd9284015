import { chartElements, chartStyle } from './chart-elements.ts'
import { countText, momentText } from './figure-text.ts'
import { gateSection } from './gate-section.ts'
import { escaped } from './html.ts'
import { htmlPage } from './html-page.ts'
import { listsSection, samplesSection } from './lists-section.ts'
import { pageStyle } from './page-style.ts'
import { qualitySection } from './quality-section.ts'
import type { ReportFacts } from './report-facts.ts'
import type { ReportSection } from './report-section.ts'
import { dataSection, runSection } from './run-section.ts'
import { tableElement } from './text-table.ts'
import { trainingSection } from './training-section.ts'

/** What a run's report adds to the style of pages and of charts. */
const ownStyle = `
details { margin-top: 6px; font-size: .875rem; max-width: 520px; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
.lead { font-size: 1.05rem; }
.verdict { display: inline-block; padding: 2px 10px; border: 2px solid currentColor; border-radius: 6px; font-weight: 600; }
.verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); }
.tables { display: grid; gap: 16px 32px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); align-items: start; }
.tables th { white-space: nowrap; }
.tables td.words, .tables caption { white-space: normal; overflow-wrap: anywhere; }
@media print { .tables { display: block; } .scroll { break-inside: avoid; margin-bottom: 12px; } }
`

/** A run's report as one page that asks for nothing else: no script, no network, charts in it. */
export async function reportPage(facts: ReportFacts): Promise<string> {
  const { manifest } = facts
  const title = `${manifest.model} ${manifest.versionId}`
  const sections = [
    // Where a gate was held, that is what is known of the run's quality.
    ...(facts.quality === undefined
      ? [...gateSection(facts), qualitySection(facts)]
      : [qualitySection(facts), ...gateSection(facts)]),
    trainingSection(facts),
    listsSection(facts),
    ...samplesSection(facts),
    dataSection(facts),
    runSection(facts),
  ]
  const bodies: string[] = []
  for (const section of sections) bodies.push(await sectionElement(section))
  return htmlPage({
    title,
    style: `${pageStyle}${chartStyle}${ownStyle}`,
    lead: [`<p class="lead">${escaped(leadOf(facts))}</p>`, ...verdictElement(facts)],
    links: sections.map(({ id, heading }) => ({ id, words: heading })),
    bodies,
  })
}

function leadOf({ manifest, against }: ReportFacts): string {
  const { users, items } = manifest.dataset
  const other = against === undefined ? '' : ` Compared with ${against.manifest.versionId}.`
  return `Begun ${momentText(manifest.startedAt)}, on rows up to ${momentText(manifest.dataCutoff)} of ${countText(users)} users and ${countText(items)} items.${other}`
}

function verdictElement({ night }: ReportFacts): string[] {
  if (night === undefined) return []
  const refused = (night.listRefusals ?? []).length > 0 || night.gate?.passed === false
  const first = night.gate === undefined && !refused
  const verdict = first
    ? 'first night: no gate'
    : refused
      ? `gate: refused${night.gate?.forced ? ', overruled by --force' : ''}`
      : 'gate: passed'
  return [`<p><span class="verdict ${refused ? 'bad' : 'good'}">${escaped(verdict)}</span></p>`]
}

async function sectionElement({ id, heading, paragraphs, figures, tables }: ReportSection): Promise<string> {
  return [
    `<section aria-labelledby="${id}">`,
    `<h2 id="${id}">${escaped(heading)}</h2>`,
    ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
    ...(await chartElements(figures, id)),
    ...(tables.length === 0
      ? []
      : ['<div class="tables">', ...tables.map((table, n) => tableElement(table, id, n + 1)), '</div>']),
    '</section>',
  ].join('\n')
}
