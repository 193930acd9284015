import { createRequire } from 'node:module'
import { installedVersions } from './installed-versions.ts'
import type { BackendName } from './open-backend.ts'

/** What has to be installed for a backend. All of them are optional peers. */
export const backendPackages: Record<BackendName, readonly string[]> = {
  tensorflow: ['@tensorflow/tfjs-node-gpu'],
  webgpu: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu', 'webgpu'],
  wasm: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'],
  cpu: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu'],
}

/** Packages that no lock file knows of: an install that does not name them again takes them away. */
const unlocked = ['webgpu', '@tensorflow/tfjs-node-gpu']

/** Those of a backend's packages that are not installed. */
export function missingPackages(backend: BackendName, installed = installedVersions): string[] {
  const versions = installed(backendPackages[backend])
  return backendPackages[backend].filter((name) => versions[name] === undefined)
}

/**
 * The command that installs a backend's packages, in the versions that were tested, and keeps what was installed in the
 * same way before.
 *
 * `--save-prod` changes nothing beside `--no-save`, but without it npm takes an optional peer that is not there for one
 * that is not wanted, and installs nothing.
 */
export function installCommand(backend: BackendName, installed = installedVersions): string {
  const { peerDependencies } = createRequire(import.meta.url)('#package.json') as {
    peerDependencies: Record<string, string>
  }
  const there = installed(unlocked)
  const names = new Set([
    ...backendPackages[backend],
    ...unlocked.filter((name) => there[name] !== undefined),
  ])
  const packages = Array.from(names, (name) => `${name}@${peerDependencies[name]}`)
  return `npm install --no-save --save-prod ${packages.join(' ')}`
}
