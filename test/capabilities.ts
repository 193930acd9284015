import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe } from 'vitest'

/** The folder of the real data, where NIGHTJAR_DATA names one. */
export const dataFolder =
  process.env.NIGHTJAR_DATA === undefined ? undefined : resolve(process.env.NIGHTJAR_DATA)

const found: Record<string, () => boolean> = {
  'real-data': () => dataFolder !== undefined && existsSync(join(dataFolder, 'ml-1m', 'train.csv')),
}

/**
 * A suite that needs something that not every machine has. Where it is missing the suite is skipped under a
 * name that says so, `[needs real-data] ...`, which the CI script collects.
 */
export function describeWith(capability: string, name: string, suite: () => void): void {
  const isHere = found[capability]?.() ?? false
  describe.skipIf(!isHere)(`[needs ${capability}] ${name}`, suite)
}
