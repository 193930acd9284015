import { mfKind } from '../../job/models/mf.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(mfKind, {
  options: { factors: 12, l2: 2 },
  epochs: 12,
  random: true,
  refused: [{ factors: 0 }, { factors: 2.5 }, { l2: 0 }, { unobserved: 0.5 }],
  shopFloor: 0.35,
})
