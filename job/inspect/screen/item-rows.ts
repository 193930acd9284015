import type { NamedItem } from '../../export/score-batch.ts'
import type { Paint } from './paint.ts'
import { oneLine, padTo, screenWidth, widthOf } from './text.ts'

/** `  1  id        Title of the item        figures`: a line of a list of items. */
export function itemRow(
  place: number | string,
  { itemId, title }: NamedItem,
  figures: string,
  paint: Paint,
): string {
  const left = screenWidth - 6 - widthOf(figures) - (figures === '' ? 0 : 1)
  const idWidth = title === undefined ? left : Math.min(16, Math.floor(left / 3))
  const id = padTo(oneLine(itemId), idWidth)
  const name = title === undefined ? '' : padTo(` ${oneLine(title)}`, left - idWidth)
  const row = `${padTo(String(place), 4, 'right')}  ${paint.soft(id)}${name}`
  return figures === '' ? row.trimEnd() : `${row} ${figures}`
}
