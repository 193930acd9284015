import type { Option } from 'commander'

/**
 * The parser of an option that may be given again: it gets what was collected before. Marked, so that a configuration file
 * may give a list.
 */
export function collecting<T>(
  collect: (text: string, before: T | undefined) => T,
): ((text: string, before: T | undefined) => T) & { collects: true } {
  return Object.assign((text: string, before: T | undefined) => collect(text, before), {
    collects: true as const,
  })
}

/** Whether an option may be given again, each time with one value. */
export function isCollecting({ parseArg }: Option): boolean {
  return parseArg !== undefined && 'collects' in parseArg
}
