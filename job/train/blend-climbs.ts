import type { CsrMatrix } from '../data/csr-matrix.ts'
import { type BlendOptions, type BlendPart, partOptions } from '../models/blend.ts'
import { easeKind } from '../models/ease.ts'
import { type IalsOptions, ialsKind } from '../models/ials.ts'
import { itemKnnKind } from '../models/item-knn.ts'
import { rp3betaKind } from '../models/rp3beta.ts'
import { itemAutoencoderKind, userAutoencoderKind } from '../models/weighted-autoencoder.ts'
import type { Climb } from './climb.ts'

/** A part to be found. */
export type OpenPart = BlendOptions['parts'][number] & {
  /** Its options are another part's, and stay. */
  isFixed?: boolean
}

/**
 * What is climbed for a part, from its defaults on. What is not here changes little, or is left to the data by a rule
 * (docs/log.md).
 */
export function climbOf(model: string, { rowCount, columnCount }: CsrMatrix): Climb {
  // Better alone is not better beside the others: on Video Games its defaults are worth more to them than its best options.
  if (model === itemKnnKind.name || model === rp3betaKind.name) return []
  if (model === easeKind.name) return [{ option: 'l2', factor: 2, from: 5, to: 5000 }]
  const unobserved = { option: 'unobserved', factor: 3, from: 0.005, to: 0.7 }
  if (model !== ialsKind.name) return [unobserved]
  const l2 = { option: 'l2', from: 0.05, to: 100 }
  // Twice the factors are four to eight times the work.
  const factorsMost = Math.min(512, Math.min(rowCount, columnCount) / 4)
  return [
    { ...l2, factor: 2 },
    { option: 'factors', factor: 2, from: 1, to: factorsMost, leastGain: 0.005 },
    { ...unobserved, along: { l2: l2Along(unobserved.factor) } },
    { ...l2, factor: 1.5 },
    { ...unobserved, factor: 2 },
  ]
}

/**
 * What a row's penalty is multiplied by when the weight of unobserved cells is: a row weighs more with them, and needs a
 * stronger one. Between the best values on two sets of data it grew about as the root.
 */
const l2Along = (unobservedBy: number) => Math.sqrt(unobservedBy)

/**
 * The halves and iALS have one loss, which weighs unobserved cells: the item half takes the weight that the user half was found to
 * want, for looking twice costs twice, and iALS begins with it.
 */
export function startingAs(part: OpenPart, found: readonly Pick<BlendPart, 'model' | 'options'>[]): OpenPart {
  const twin = found.find(({ model }) => model === userAutoencoderKind.name)
  if (twin === undefined || part.epochs !== null) return part
  const unobserved = twin.options.unobserved as number
  if (part.model === itemAutoencoderKind.name)
    return { ...part, options: { ...part.options, unobserved }, isFixed: true }
  if (part.model !== ialsKind.name) return part
  const own = partOptions(part) as IalsOptions
  const l2 = own.l2 * l2Along(unobserved / own.unobserved)
  return { ...part, options: { ...part.options, unobserved, l2 } }
}
