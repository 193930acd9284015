import { createRequire } from 'node:module'

/** The versions of packages as Node would find them from here; undefined for one that is not installed. */
export function installedVersions(packages: readonly string[]): Record<string, string | undefined> {
  const require = createRequire(import.meta.url)
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]))

  function versionOf(name: string): string | undefined {
    try {
      return (require(`${name}/package.json`) as { version: string }).version
    } catch {
      return undefined
    }
  }
}
