import { escaped } from './html.ts'

/** A cell: its text, and what stands small below it, line by line. */
export interface TextCell {
  text: string
  under?: string[]
  tone?: 'strong' | 'soft' | 'good' | 'bad'
}

export interface TextTable {
  caption: string
  /** Of all columns, the rows' names first. */
  columns: string[]
  /** Those that hold words, and stand left. */
  words?: string[]
  rows: { head: string; cells: TextCell[]; isBeside?: boolean }[]
}

/** The part that scrolls is named by its section's heading and its caption, for who moves by keyboard. */
export function tableElement(
  { caption, columns, words = [], rows }: TextTable,
  section: string,
  n: number | string,
): string {
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
