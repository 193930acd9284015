import { drawingElement, escaped } from './drawing.ts'
import {
  type Reproduction,
  type Section,
  sectionsOf,
  type TextCell,
  type TextTable,
} from './report-content.ts'
import { reportTitle } from './report-markdown.ts'
import { reportStyle } from './report-style.ts'

/** The report as one page that asks for nothing else: no script, no network, drawings in it. */
export function htmlReport(found: Reproduction): string {
  const sections = sectionsOf(found)
  const links = sections.map(
    ({ id, heading }) => `<li><a href="#${id}">${escaped(shortOf(heading))}</a></li>`,
  )
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(reportTitle)}</title>`,
    `<style>${reportStyle}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escaped(reportTitle)}</h1></header>`,
    `<nav aria-label="Parts"><ul>${links.join('')}</ul></nav>`,
    '<main>',
    ...sections.map(sectionElement),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
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
          ...tables.map((table, n) => tableElement(table, `${id}-${n + 1}`)),
          '</div>',
        ]),
    ...(drawings.length === 0
      ? []
      : ['<div class="beside drawings">', ...drawings.map((drawing) => drawingElement(drawing)), '</div>']),
    '</section>',
  ].join('\n')
}

/** @param id of its caption, by which the part that scrolls is named for who moves by keyboard */
function tableElement({ caption, columns, rows }: TextTable, id: string): string {
  const heads = columns.map((name) =>
    // An empty heading is no heading.
    name === '' ? '<td></td>' : `<th scope="col">${escaped(name)}</th>`,
  )
  const body = rows.map(({ head, cells, isBeside }, n) => {
    const isApart = isBeside && !rows[n - 1]?.isBeside
    const width = cells.length === 1 ? ` colspan="${columns.length - 1}"` : ''
    return `<tr${isApart ? ' class="apart"' : ''}><th scope="row">${escaped(head)}</th>${cells.map((cell) => cellElement(cell, width)).join('')}</tr>`
  })
  return [
    `<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table>`,
    `<caption id="${id}">${escaped(caption)}</caption>`,
    `<thead><tr>${heads.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n')
}

function cellElement({ text, under, tone }: TextCell, width: string): string {
  // Words stand left, figures right.
  const kinds = [tone, /[a-z]{4}/i.test(text) && 'text'].filter(Boolean).join(' ')
  const small = under === undefined ? '' : `<small>${escaped(under)}</small>`
  return `<td${width}${kinds === '' ? '' : ` class="${kinds}"`}><span>${escaped(text)}</span>${small}</td>`
}
