/** Columns of a screen: what a terminal has unless it was made wider. */
export const screenWidth = 80

/** Columns that a text takes: two for what East Asian scripts and emoji draw, none for marks that combine. */
export function widthOf(text: string): number {
  let width = 0
  for (const letter of text) {
    if (/\p{Mn}|\u200d|\ufe0f/u.test(letter)) continue
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        letter,
      )
        ? 2
        : 1
  }
  return width
}

/** A text of foreign origin as one line: control characters would move the cursor. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u00b7')
}

/** At most so many columns; what is cut ends in an ellipsis. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let cut = ''
  for (const letter of text) {
    if (widthOf(cut) + widthOf(letter) > width - 1) break
    cut += letter
  }
  return `${cut}…`
}

/** Just so many columns, filled up on the right, or on the left. */
export function padTo(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const clipped = clip(text, width)
  const blanks = ' '.repeat(width - widthOf(clipped))
  return side === 'left' ? clipped + blanks : blanks + clipped
}

/** A text in lines of at most so many columns, broken at blanks; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (widthOf(line) > width) {
      const part = [...line].slice(0, width).join('')
      lines.push(part)
      line = line.slice(part.length)
    }
  }
  return [...lines, line]
}

const labelWidth = 12

/** `label       text`, the text wrapped beside its label. */
export function fact(label: string, text: string): string[] {
  return wrap(oneLine(text), screenWidth - labelWidth).map(
    (line, n) => `${padTo(n === 0 ? label : '', labelWidth)}${line}`,
  )
}

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en')
}

/** `92.1 %` */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** A number in at most nine columns. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e9) return String(value)
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2)
  return value.toPrecision(size >= 1 ? 5 : 4)
}

/** `1 file`, `2 files` */
export function some(number: number, noun: string): string {
  return `${count(number)} ${noun}${number === 1 ? '' : noun.endsWith('tch') ? 'es' : 's'}`
}
