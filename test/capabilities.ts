import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { describe } from 'vitest'
import capabilities from './capabilities.json' with { type: 'json' }

/**
 * What not every machine has: a file that its owner must bring, a package of npm, or a command. `debian` names the
 * packages that bring it; `npm run ci:full` installs them.
 */
interface Capability {
  file?: string
  package?: string
  command?: string
  debian?: string[]
}

/** The folder of the real data, where NIGHTJAR_DATA names one. */
export const dataFolder =
  process.env.NIGHTJAR_DATA === undefined ? undefined : resolve(process.env.NIGHTJAR_DATA)

/**
 * A suite that needs something that not every machine has. Where it is missing the suite is skipped under a
 * name that says so, `[needs real-data] ...`, which the CI script collects.
 */
export function describeWith(name: keyof typeof capabilities, facts: string, suite: () => void): void {
  describe.skipIf(!isHere(capabilities[name]))(`[needs ${name}] ${facts}`, suite)
}

function isHere({ file, package: name, command }: Capability): boolean {
  if (file !== undefined) return existsSync(file.replace('$NIGHTJAR_DATA', dataFolder ?? '/no data'))
  try {
    if (name !== undefined) return createRequire(import.meta.url).resolve(`${name}/package.json`) !== ''
    execFileSync(command ?? '', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
