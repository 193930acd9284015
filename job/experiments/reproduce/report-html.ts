import { chartElements, chartStyle } from '../../report/chart-elements.ts'
import { escaped } from '../../report/html.ts'
import { htmlPage } from '../../report/html-page.ts'
import { pageStyle } from '../../report/page-style.ts'
import { tableElement } from '../../report/text-table.ts'
import { type Reproduction, sectionsOf } from './report-content.ts'
import { reportTitle } from './report-markdown.ts'
import type { Section } from './section.ts'

/** Charts are narrower than a run's report's, so that three data sets stand beside each other. */
const style = `${pageStyle}${chartStyle}
.charts { grid-template-columns: repeat(auto-fit, minmax(min(100%, 370px), 1fr)); }
`

/** The report as one page that asks for nothing else: no script, no network, charts in it. */
export async function htmlReport(found: Reproduction): Promise<string> {
  const sections = sectionsOf(found)
  const bodies: string[] = []
  for (const section of sections) bodies.push(await sectionElement(section))
  return htmlPage({
    title: reportTitle,
    style,
    links: sections.map(({ id, heading }) => ({ id, words: shortOf(heading) })),
    bodies,
  })
}

/** `Table 3` of `Table 3: JCA and eight baselines`. */
function shortOf(heading: string): string {
  return heading.split(':')[0]
}

async function sectionElement({ id, heading, paragraphs, tables, charts }: Section): Promise<string> {
  // Tables of few columns stand beside each other where there is room.
  const isNarrow = tables.every(({ columns }) => columns.length <= 4)
  const figures = charts.map((chart) => ({ chart }))
  return [
    `<section aria-labelledby="${id}">`,
    `<h2 id="${id}">${escaped(heading)}</h2>`,
    ...paragraphs.map((text) => `<p>${escaped(text)}</p>`),
    ...(tables.length === 0
      ? []
      : [
          `<div class="${isNarrow ? 'beside' : 'whole'}">`,
          ...tables.map((table, n) => tableElement(table, id, n + 1)),
          '</div>',
        ]),
    ...(await chartElements(figures, id)),
    '</section>',
  ].join('\n')
}
