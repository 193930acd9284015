import * as z from 'zod'
import type { CsrMatrix } from '../../data/csr-matrix.ts'
import { readJsonFile } from '../../data/json-file.ts'
import { NightjarError } from '../../errors.ts'
import type { BlendPart } from '../../models/blend.ts'
import { modelKind } from '../../models/model-kinds.ts'
import type { Store } from '../../store/store.ts'
import { presetOptions, type SettledOptions, settle } from '../../train/train-options.ts'
import type { Ablation } from './epoch-search.ts'
import { type SystemName, systems } from './systems.ts'

/** How a system is to be fitted on a data set. */
export interface Configuration extends SettledOptions {
  /** Undefined where it is to be searched for on the validation rows. */
  epochs: number | undefined
  /** `configs/ml-1m/ease.json`; undefined for the model's defaults. */
  config: string | undefined
  /** Whether that file is of this data. */
  isOfData: boolean
  /** Of a blend whose file has them: the same without each of its parts, weighed anew. */
  ablations: Ablation[]
}

const configFile = z.strictObject({
  model: z.string(),
  options: z.record(z.string(), z.unknown()),
  /** Left out: searched for. */
  epochs: z.number().int().positive().optional(),
  /** Of a blend: the weights of the other parts without one of them, by the one that is left out. */
  ablations: z.record(z.string(), z.record(z.string(), z.number().positive())).optional(),
})

/** The folder of configs/ that is of any data. */
const anyData = 'default'

/**
 * A system's configuration: from the first of the folders `names` that has a file of its name, then from `default`, else
 * the model's defaults. What the system's name says (JCA-MSE has a squared loss) is not the file's to change.
 *
 * @param names   what the data may be called: its folder's name first
 * @param ratings all rows of train, `[users, items]`, to which options may leave something
 * @returns undefined where there is no such model
 * @throws NightjarError CONFIG_FILE, CONFIG_SYSTEM; UsageError for an option that is not the model's
 */
export async function configurationOf(
  system: SystemName,
  names: readonly string[],
  configs: Store,
  ratings: CsrMatrix,
): Promise<Configuration | undefined> {
  const { model, options: own = {} } = systems[system]
  const kind = modelKind(model)
  if (kind === undefined) return undefined
  const folder = await firstWith(`${system}.json`, [...names, anyData], configs)
  const key = `${folder}/${system}.json`
  const found = folder === undefined ? undefined : await readJsonFile(configs, key, configFile, 'CONFIG_FILE')
  if (found !== undefined) {
    const said: Record<string, unknown> = { model: found.model, ...found.options }
    for (const [name, wanted] of Object.entries({ model, ...own })) {
      if (said[name] === undefined || said[name] === wanted) continue
      throw new NightjarError('CONFIG_SYSTEM', {
        what: `${configs.uri}/${key}: ${name} is ${said[name]}, and ${system} has ${name} ${wanted}`,
        why: 'the file is of another system',
        fix: 'mend the file, or give it the name of its system',
      })
    }
  }
  const settled = settle(
    {
      ...presetOptions('best', kind),
      ...found?.options,
      ...own,
      ...(found?.epochs !== undefined && { epochs: found.epochs }),
    },
    ratings,
  )
  return {
    ...settled,
    epochs: found?.epochs ?? (kind.oneEpoch ? 1 : undefined),
    config: folder === undefined ? undefined : `configs/${key}`,
    isOfData: folder !== undefined && folder !== anyData,
    ablations: ablationsOf(settled.model, found?.ablations, `${configs.uri}/${key}`),
  }
}

/**
 * A blend's parts as they are, with other weights; what the weights do not name is left out.
 *
 * @throws NightjarError CONFIG_FILE where they name what is no part
 */
function ablationsOf(
  options: object,
  weights: Record<string, Record<string, number>> = {},
  where: string,
): Ablation[] {
  const parts = 'parts' in options ? (options.parts as BlendPart[]) : []
  return Object.entries(weights).map(([without, own]) => {
    const stranger = [without, ...Object.keys(own)].find((name) => parts.every(({ model }) => model !== name))
    if (stranger !== undefined) {
      throw new NightjarError('CONFIG_FILE', {
        what: `${where}: ablations.${without}: ${stranger} is no part of the blend`,
        fix: 'name parts as `options` has them',
      })
    }
    const left = parts.filter(({ model }) => own[model] !== undefined)
    return { without, options: { parts: left.map((part) => ({ ...part, weight: own[part.model] })) } }
  })
}

async function firstWith(file: string, folders: readonly string[], configs: Store) {
  for (const folder of folders) {
    // A folder's name may be anything that a file system takes; a key may not.
    const isKey = /^[\w.-]+$/.test(folder) && !/^\.+$/.test(folder)
    if (isKey && (await configs.size(`${folder}/${file}`)) !== undefined) return folder
  }
  return undefined
}
