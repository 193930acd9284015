import { autoRecKind } from './auto-rec.ts'

/** I-AutoRec: items' columns are encoded, so that what is learned is which users go together. */
export const iAutoRecKind = autoRecKind('item')
