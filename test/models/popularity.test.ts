import { popularityKind } from '../../job/models/popularity.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(popularityKind, {
  options: {},
  epochs: 1,
  random: false,
  refused: [{ factors: 3 }],
  shopFloor: 0,
  skips: {
    checkerboard: 'the same list for both kinds of users',
    shop: 'it is what the others are measured against',
  },
})
