import type { TextCell, TextTable } from '../../report/text-table.ts'
import { type Reproduction, sectionsOf } from './report-content.ts'

export const reportTitle = 'The paper, reproduced'

/** The report in Markdown; charts are files beside it. */
export function markdownReport(found: Reproduction): string {
  const parts = sectionsOf(found).flatMap(({ heading, paragraphs, tables, charts }) => [
    `## ${heading}`,
    ...paragraphs.map(plain),
    ...tables.map(markdownTable),
    ...charts.map(({ id, title }) => `![${plain(title)}](${id}.svg)`),
  ])
  return `${[`# ${reportTitle}`, ...parts].join('\n\n')}\n`
}

function markdownTable({ caption, columns, words = [], rows }: TextTable): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    `**${plain(caption)}**`,
    '',
    line(columns.map(plain)),
    line(columns.map((_, n) => (n === 0 || words.includes(columns[n]) ? '---' : '---:'))),
    ...rows.map(({ head, cells }) =>
      line([plain(head), ...columns.slice(1).map((_, n) => markdownCell(cells[n] ?? { text: '' }))]),
    ),
  ].join('\n')
}

function markdownCell({ text, under = [], tone }: TextCell): string {
  const main = tone === 'strong' ? `**${plain(text)}**` : plain(text)
  return under.length === 0 ? main : `${main} (${under.map(plain).join('; ')})`
}

/** What Markdown would take for its own is taken for text. */
function plain(text: string): string {
  return text.replace(/[\\|*_`<>[\]]/g, (mark) => `\\${mark}`)
}
