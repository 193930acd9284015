/** A run's id, and once it is published its version's: `20260423T031500Z-1f2e3d`, sorting by time. */
const form = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/

export function isVersionId(text: string): boolean {
  return form.test(text)
}

/** @param digest lower-case hex of what makes the run itself: configuration, data and seed */
export function makeVersionId(startedAt: Date, digest: string): string {
  const stamp = startedAt.toISOString().replace(/[-:]|\.\d+/g, '')
  return `${stamp}-${digest.slice(0, 6)}`
}
