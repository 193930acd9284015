import { drawingElement, escaped } from '../drawing.ts'
import { type Reproduction, sectionsOf } from './report-content.ts'
import { reportTitle } from './report-markdown.ts'
import { reportStyle } from './report-style.ts'
import type { Section, TextCell, TextTable } from './section.ts'

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
          ...tables.map((table, n) => tableElement(table, id, n + 1)),
          '</div>',
        ]),
    ...(drawings.length === 0
      ? []
      : ['<div class="beside drawings">', ...drawings.map((drawing) => drawingElement(drawing)), '</div>']),
    '</section>',
  ].join('\n')
}

/** The part that scrolls is named by its section's heading and its caption, for who moves by keyboard. */
function tableElement({ caption, columns, words = [], rows }: TextTable, section: string, n: number): string {
  const id = `${section}-${n}`
  // Words stand left, figures right.
  const isWords = columns.map((name, n) => n === 0 || words.includes(name))
  const heads = columns.map(
    (name, n) => `<th scope="col"${isWords[n] ? ' class="words"' : ''}>${escaped(name)}</th>`,
  )
  const body = rows.map(({ head, cells, isBeside }, n) => {
    const isApart = isBeside && !rows[n - 1]?.isBeside
    const row = cells.map((cell, column) => cellElement(cell, isWords[column + 1]))
    return `<tr${isApart ? ' class="apart"' : ''}><th scope="row">${escaped(head)}</th>${row.join('')}</tr>`
  })
  return [
    `<div class="scroll" role="region" tabindex="0" aria-labelledby="${section} ${id}"><table>`,
    `<caption id="${id}">${escaped(caption)}</caption>`,
    `<thead><tr>${heads.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n')
}

function cellElement({ text, under = [], tone }: TextCell, isWords = false): string {
  const kinds = [tone, isWords && 'words'].filter(Boolean).join(' ')
  const small = under.map((line) => `<small>${escaped(line)}</small>`).join('')
  return `<td${kinds === '' ? '' : ` class="${kinds}"`}><span>${escaped(text)}</span>${small}</td>`
}
