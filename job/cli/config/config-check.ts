import type { Check } from '../../doctor/check.ts'
import { NightjarError } from '../../errors.ts'
import { commands } from '../command-table.ts'
import { applyConfig } from './config-defaults.ts'
import { readConfigFile } from './config-file.ts'

/**
 * Which configuration file is in force, and whether every section of it is right: a command looks at its own alone.
 * Loads every command, which takes a second.
 *
 * @param asked `--config`, as {@link readConfigFile} takes it
 */
export async function configCheck(asked: string | false | undefined): Promise<Check> {
  const name = 'config'
  const file = await readConfigFile(asked)
  if (file === undefined) {
    const text = 'no configuration file: options come from the command line alone'
    return { name, mark: 'note', text }
  }
  const sections = Object.keys(file.sections).join(', ') || 'nothing'
  try {
    for (const load of Object.values(commands)) applyConfig(await load(runsNothing), file)
    return { name, mark: 'ok', text: `${file.place} has defaults for ${sections}` }
  } catch (error) {
    if (!(error instanceof NightjarError)) throw error
    const { message: text, fix } = error
    return { name, mark: 'missing', text, ...(fix === undefined ? {} : { fix }) }
  }
}

const runsNothing = () => {
  throw new Error('commands are only looked at')
}
