import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { describe } from 'vitest'
import capabilities from './capabilities.json' with { type: 'json' }

/**
 * What not every machine has: a file, a shared library, a command, an npm package; where several are named, all of them. `debian` names
 * the packages that bring files and commands; `npm run ci:full` installs them.
 */
interface Capability {
  file?: string
  /** As the linker's cache has it. */
  library?: string
  package?: string
  command?: string
  debian?: string[]
}

const findModule = createRequire(import.meta.url)

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

function isHere(needed: Capability): boolean {
  const { file, library, command } = needed
  if (file !== undefined && !existsSync(file.replace('$NIGHTJAR_DATA', dataFolder ?? '/no data')))
    return false
  if (library !== undefined && !succeeds(() => findLibrary(library))) return false
  if (needed.package !== undefined && !succeeds(() => findModule.resolve(`${needed.package}/package.json`)))
    return false
  return command === undefined || succeeds(() => execFileSync(command, ['--version'], { stdio: 'ignore' }))
}

function findLibrary(name: string): void {
  if (!execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).includes(name)) throw new Error(name)
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}
