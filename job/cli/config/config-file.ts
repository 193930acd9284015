import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from '../../errors.ts'
import { openStore } from '../../store/open-store.ts'
import { schemeOf, splitPlace } from '../../store/place.ts'
import { isObject } from './option-value.ts'

/** What a configuration file says. */
export interface ConfigFile {
  /** As a person would type it. */
  place: string
  /** By the names of commands; not checked yet. */
  sections: Record<string, unknown>
}

/** What is looked for in the working folder. */
const usualNames = ['ts', 'mjs', 'js', 'json'].map((ending) => `nightjar.config.${ending}`)

/**
 * Reads the file that `--config` names, or the one in the working folder.
 *
 * @param asked `--config`; false for `--no-config`; undefined where neither was given
 * @returns undefined where there is none
 * @throws UsageError where it cannot be read, is no object, or two lie side by side
 */
export async function readConfigFile(asked: string | false | undefined): Promise<ConfigFile | undefined> {
  if (asked === false) return undefined
  const place = asked ?? (await usualPlace())
  if (place === undefined) return undefined
  const sections = /\.[cm]?[jt]s$/.test(place) ? await moduleAt(place) : await jsonAt(place)
  if (isObject(sections)) return { place, sections: { ...sections } }
  throw new UsageError(
    `${place}${place.endsWith('.json') ? '' : ': its default export'} is not an object (want commands, each with its options)`,
    'such as { "train": { "epochs": 20 } }',
  )
}

async function usualPlace(): Promise<string | undefined> {
  const here = openStore('.')
  const sizes = await Promise.all(usualNames.map((name) => here.size(name)))
  const [found, other] = usualNames.filter((_, n) => sizes[n] !== undefined)
  if (other !== undefined)
    throw new UsageError(
      `${found} and ${other} lie side by side, and both would be meant`,
      'keep one, or name one: --config FILE',
    )
  return found
}

async function jsonAt(place: string): Promise<unknown> {
  await assertThere(place)
  const { folder, name } = splitPlace(place)
  const text = new TextDecoder().decode(await openStore(folder).read(name))
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(
      `${place} is not JSON: ${messageOf(cause)}`,
      'mend it, or leave it aside with --no-config',
    )
  }
}

async function moduleAt(place: string): Promise<unknown> {
  if (schemeOf(place) !== undefined)
    throw new UsageError(`--config ${place}: a program is read from this machine alone`, 'name a .json there')
  await assertThere(place)
  try {
    return (await import(pathToFileURL(resolve(place)).href)).default
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UsageError(
        `${place}: Node ${process.versions.node} does not read TypeScript (22.18 and newer do)`,
        'a newer Node; or the same as nightjar.config.mjs or nightjar.config.json',
      )
    throw new UsageError(`${place} could not be loaded: ${messageOf(cause)}`)
  }
}

async function assertThere(place: string): Promise<void> {
  const { folder, name } = splitPlace(place)
  if ((await openStore(folder).size(name)) === undefined)
    throw new UsageError(`--config ${place}: there is no such file`)
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
