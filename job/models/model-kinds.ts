import { blendKind } from './blend.ts'
import { bprKind } from './bpr.ts'
import { cdaeKind } from './cdae.ts'
import { easeKind } from './ease.ts'
import { iAutoRecKind } from './i-autorec.ts'
import { ialsKind } from './ials.ts'
import { itemKnnKind } from './item-knn.ts'
import { jcaKind } from './jca.ts'
import { mfKind } from './mf.ts'
import type { ModelKind } from './model.ts'
import { ncfKind } from './ncf.ts'
import { nprKind } from './npr.ts'
import { popularityKind } from './popularity.ts'
import { rp3betaKind } from './rp3beta.ts'
import { uAutoRecKind } from './u-autorec.ts'
import { uiAutoRecKind } from './ui-autorec.ts'
import { itemAutoencoderKind, userAutoencoderKind } from './weighted-autoencoder.ts'

/** Every model there is: the paper's, then the simple ones that later studies found strong. */
export const modelKinds: readonly ModelKind[] = [
  jcaKind,
  uAutoRecKind,
  iAutoRecKind,
  uiAutoRecKind,
  cdaeKind,
  mfKind,
  bprKind,
  ncfKind,
  nprKind,
  easeKind,
  ialsKind,
  itemKnnKind,
  rp3betaKind,
  userAutoencoderKind,
  itemAutoencoderKind,
  blendKind,
  popularityKind,
]

export const modelNames: readonly string[] = modelKinds.map(({ name }) => name)

/** The model of that name; undefined where there is none. */
export function modelKind(name: string): ModelKind | undefined {
  return modelKinds.find((kind) => kind.name === name)
}
