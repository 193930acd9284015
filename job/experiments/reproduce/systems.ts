/** One of the comparison: a model, with options that make it what its name says. */
interface SystemDefinition {
  /** As tables have it: the paper's, where it has one. */
  label: string
  /** As of `--model`; one that `modelKinds` lacks is not run. */
  model: string
  /** What sets it apart from another system of the same model. */
  options?: Readonly<Record<string, unknown>>
}

/** The paper's, in the order of its table 3, then its variants of JCA. */
const paperSystems = {
  bpr: { label: 'BPR', model: 'bpr' },
  mf: { label: 'MF', model: 'mf' },
  ncf: { label: 'NCF', model: 'ncf' },
  npr: { label: 'NPR', model: 'npr' },
  'i-autorec': { label: 'I-AutoRec', model: 'i-autorec' },
  'u-autorec': { label: 'U-AutoRec', model: 'u-autorec' },
  'ui-autorec': { label: 'UI-AutoRec', model: 'ui-autorec' },
  cdae: { label: 'CDAE', model: 'cdae' },
  jca: { label: 'JCA', model: 'jca' },
  'jca-mse': { label: 'JCA-MSE', model: 'jca', options: { loss: 'mse' } },
  'jca-bpr': { label: 'JCA-BPR', model: 'jca', options: { loss: 'bpr' } },
  'jca-nf': { label: 'JCA-NF', model: 'jca', options: { itemFactor: false } },
} as const satisfies Record<string, SystemDefinition>

/**
 * What later studies found strong; JCA's halves with a loss of their own each, and what `train` makes of them; and
 * popularity, which everything has to beat.
 */
const laterSystems = {
  ease: { label: 'EASE', model: 'ease' },
  ials: { label: 'iALS', model: 'ials' },
  'item-knn': { label: 'ItemKNN', model: 'item-knn' },
  rp3beta: { label: 'RP3beta', model: 'rp3beta' },
  'user-autoencoder': { label: 'JCA, user half', model: 'user-autoencoder' },
  'item-autoencoder': { label: 'JCA, item half', model: 'item-autoencoder' },
  blend: { label: 'Blend, the default', model: 'blend' },
  popularity: { label: 'Popularity', model: 'popularity' },
} as const satisfies Record<string, SystemDefinition>

/** A system of the paper. */
export type PaperSystem = keyof typeof paperSystems
export type SystemName = PaperSystem | keyof typeof laterSystems

/** Every system that a reproduction knows. */
export const systems: Record<SystemName, SystemDefinition> = { ...paperSystems, ...laterSystems }

export const systemNames = Object.keys(systems) as SystemName[]
export const laterSystemNames = Object.keys(laterSystems) as SystemName[]

export function systemLabel(name: SystemName): string {
  return systems[name].label
}
