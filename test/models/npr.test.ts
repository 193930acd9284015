import { nprKind } from '../../job/models/npr.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(nprKind, {
  options: { factors: 16, learningRate: 0.01, l2: 0.05, batchCells: 100 },
  epochs: 60,
  random: true,
  refused: [{ factors: 6 }, { learningRate: 0 }, { l2: -1 }, { batchCells: 0 }, { hidden: 3 }],
  shopFloor: 0.3,
})
