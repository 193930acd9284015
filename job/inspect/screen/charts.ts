const eighths = ' ▏▎▍▌▋▊▉'
const levels = '▁▂▃▄▅▆▇█'

/** A bar of `width` columns that is filled from the left to an eighth of a column, on a dotted ground. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width * 8)
  const whole = Math.floor(filled / 8)
  const rest = filled % 8 === 0 ? '' : eighths[filled % 8]
  return `${'█'.repeat(whole)}${rest}${'·'.repeat(width - whole - rest.length)}`
}

/** A curve of at most `width` columns, from its lowest value to its highest. Neighbours share a column where there are more. */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length)
  const means = Array.from({ length: columns }, (_, column) => {
    const [from, to] = [column, column + 1].map((n) => Math.floor((n * values.length) / columns))
    return values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from)
  })
  const low = Math.min(...means)
  const range = Math.max(...means) - low
  return means
    .map((mean) => levels[range === 0 ? 3 : Math.round(((mean - low) / range) * (levels.length - 1))])
    .join('')
}
