/** Colours, or none: a screen is the same text either way. */
export interface Paint {
  strong(text: string): string
  soft(text: string): string
  accent(text: string): string
  good(text: string): string
  bad(text: string): string
}

const plain = (text: string) => text

/** For pipes, files, and whoever set NO_COLOR. */
export const noPaint: Paint = { strong: plain, soft: plain, accent: plain, good: plain, bad: plain }

const painted = (code: number) => (text: string) => (text === '' ? '' : `\x1b[${code}m${text}\x1b[0m`)

const colours: Paint = {
  strong: painted(1),
  soft: painted(2),
  accent: painted(36),
  good: painted(32),
  bad: painted(31),
}

/** Colours on a terminal alone, unless NO_COLOR is set to anything (https://no-color.org). */
export function paintFor(
  stream: { isTTY?: boolean },
  env: Record<string, string | undefined> = process.env,
): Paint {
  return stream.isTTY && !env.NO_COLOR && env.TERM !== 'dumb' ? colours : noPaint
}
