import { byteText } from '../../byte-text.ts'
import type { Fault } from '../fault.ts'
import type { FileFacts } from '../file-facts.ts'
import type { Paint } from './paint.ts'
import { clip, count, fact, oneLine, screenWidth, some, wrap } from './text.ts'

/** What was found wrong, by its stable name; or that nothing was. */
export function faultLines(faults: readonly Fault[], paint: Paint, looked: string): string[] {
  if (faults.length === 0) return [paint.good(clip(`✓ no faults: ${looked}`, screenWidth))]
  return [
    paint.bad(`✗ ${some(faults.length, 'fault')}`),
    ...faults.flatMap(({ name, count: times, what, examples }) => [
      `  ${paint.bad(name)}  ${clip(`${count(times)}: ${what}`, screenWidth - 4 - name.length)}`,
      ...examples.flatMap((example) =>
        wrap(oneLine(example), screenWidth - 6).map((line) => paint.soft(`      ${line}`)),
      ),
    ]),
  ]
}

export function noteLines(notes: readonly string[], paint: Paint): string[] {
  return notes.flatMap((note) => fact('note', note)).map((line) => paint.soft(line))
}

/** One line for all files where they are sound, and a line for each digest where they are few. */
export function fileLines(files: readonly FileFacts[], more = ''): string[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const vouched = files.filter((file) => file.isVouched === true).length
  const named = files.filter((file) => file.isVouched !== null).length
  const told =
    named === 0
      ? 'no manifest names them'
      : vouched === files.length
        ? 'as the manifest says'
        : `${vouched} of ${files.length} as the manifest says`
  const digests = files.slice(0, 3).map((file) => `${file.path} sha256 ${file.sha256.slice(0, 12)}…`)
  if (files.length > 3) digests.push(`and ${files.length - 3} more (--json has all)`)
  return [
    ...fact('files', `${some(files.length, 'file')}, ${byteText(bytes)}${more}; sha256: ${told}`),
    ...digests.flatMap((line) => fact('', line)),
  ]
}
