import { createRequire } from 'node:module'
import { NightjarError } from './errors.ts'

/** What is said where an optional peer is not installed. */
interface Absence {
  package: string
  /** The error's code, such as `S3_PACKAGE`. */
  code: string
  /** What needs the package: `s3:// places`. */
  neededBy: string
  /** Who does without it. */
  why: string
  /** What is installed together with it, itself among them; by default itself alone. */
  install?: string[]
}

/**
 * Loads a package that the default install leaves out.
 *
 * @throws NightjarError with the absence's code where it is not installed
 */
export async function loadOptional<Module>(load: () => Promise<Module>, absence: Absence): Promise<Module> {
  // Which Node is wanted says `nightjar doctor`; AWS's SDK would say it in eight lines before every message.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  try {
    return await load()
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause
    throw new NightjarError(absence.code, {
      what: `${absence.neededBy} need the package ${absence.package}, and it is not installed`,
      why: absence.why,
      fix: peerInstallCommand(...(absence.install ?? [absence.package])),
      cause,
    })
  }
}

/** The command that installs optional peers in the versions that were tested. */
export function peerInstallCommand(...packages: string[]): string {
  const { peerDependencies } = createRequire(import.meta.url)('#package.json') as {
    peerDependencies: Record<string, string>
  }
  const versions = packages.map((name) => `${name}@${peerDependencies[name]}`)
  return `npm install --no-save --save-prod ${versions.join(' ')}`
}
