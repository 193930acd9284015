import { escaped } from '../../report/html.ts'
import { htmlPage } from '../../report/html-page.ts'
import { tableElement } from '../../report/text-table.ts'
import { drawingElement } from '../drawing.ts'
import { type Reproduction, sectionsOf } from './report-content.ts'
import { reportTitle } from './report-markdown.ts'
import { reportStyle } from './report-style.ts'
import type { Section } from './section.ts'

/** The report as one page that asks for nothing else: no script, no network, drawings in it. */
export function htmlReport(found: Reproduction): string {
  const sections = sectionsOf(found)
  return htmlPage({
    title: reportTitle,
    style: reportStyle,
    links: sections.map(({ id, heading }) => ({ id, words: shortOf(heading) })),
    bodies: sections.map(sectionElement),
  })
}

/** `Table 3` of `Table 3: JCA and eight baselines`. */
function shortOf(heading: string): string {
  return heading.split(':')[0]
}

function sectionElement({ id, heading, paragraphs, tables, drawings }: Section): string {
  // Tables of few columns stand beside each other where there is room.
  const isNarrow = tables.every(({ columns }) => columns.length <= 4)
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
    ...(drawings.length === 0
      ? []
      : ['<div class="beside drawings">', ...drawings.map((drawing) => drawingElement(drawing)), '</div>']),
    '</section>',
  ].join('\n')
}
