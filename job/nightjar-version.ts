import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { projectRoot } from './project-root.ts'

/** The version of nightjar. */
export function packageVersion(): string {
  return (createRequire(import.meta.url)('#package.json') as { version: string }).version
}

/** The version of nightjar, and the commit where it runs from a clone: what a figure is quoted with. */
export function nightjarVersion(): { version: string; commit: string | null } {
  const version = packageVersion()
  try {
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', projectRoot(), ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .trim()
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== ''
    return { version, commit: git('rev-parse', '--short=12', 'HEAD') + (isChanged ? '-changed' : '') }
  } catch {
    return { version, commit: null }
  }
}
