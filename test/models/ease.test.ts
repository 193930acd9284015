import { easeKind } from '../../job/models/ease.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(easeKind, {
  options: { l2: 20 },
  epochs: 1,
  random: false,
  refused: [{ l2: 0 }, { l2: -1 }, { l2: Number.NaN }, { factors: 3 }],
  shopFloor: 0.35,
})
