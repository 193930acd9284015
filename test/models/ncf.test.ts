import { ncfKind } from '../../job/models/ncf.ts'
import { modelKindContract } from './model-kind-contract.ts'

modelKindContract(ncfKind, {
  options: { factors: 16, embedding: 32, learningRate: 0.005, l2: 0.1, l2Perceptron: 0.1, batchCells: 100 },
  epochs: 40,
  random: true,
  refused: [
    { factors: 6 },
    { embedding: 4 },
    { embedding: 48 },
    { hidden: 32 },
    { learningRate: 0 },
    { l2: -1 },
    { l2Perceptron: -1 },
    { dropout: 0.5 },
  ],
  shopFloor: 0.3,
})
