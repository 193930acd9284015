import { ialsKind } from '../../job/models/ials.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(ialsKind, {
  options: { factors: 12, unobserved: 0.2, l2: 2, l2Exponent: 0.5 },
  epochs: 10,
  random: true,
  refused: [
    { factors: 0 },
    { factors: 2.5 },
    { unobserved: 0 },
    { unobserved: 1.5 },
    { l2: 0 },
    { l2Exponent: -1 },
    { alpha: 4 },
  ],
  shopFloor: 0.35,
})
