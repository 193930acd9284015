import type { Check } from './check.ts'
import type { Examination } from './examine.ts'

const width = 80
/** Behind the blanks before a mark, and the mark. */
const textColumn = 11

/** For a terminal of 80 columns. */
export function examinationText({ groups, verdict }: Examination): string {
  const blocks = groups.map(({ title, checks }) => [title, ...checks.flatMap(linesOf)].join('\n'))
  return [...blocks, `Verdict: ${verdict}`].join('\n\n')
}

function linesOf({ mark, text, fix }: Check): string[] {
  const [first, ...rest] = wrap(text, textColumn)
  const fixes = fix === undefined ? [] : wrap(`fix: ${fix}`, textColumn, fix.startsWith('npm ') ? ' \\' : '')
  return [`  ${mark.padEnd(textColumn - 2)}${first.trimStart()}`, ...rest, ...fixes]
}

/** @param joint ends a line that goes on: what a shell needs, to copy a command of several lines */
function wrap(text: string, indent: number, joint = ''): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length + joint.length > width) {
      lines.push(line + joint)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line].map((cut) => ' '.repeat(indent) + cut)
}
