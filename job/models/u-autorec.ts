import { autoRecKind } from './auto-rec.ts'

/** U-AutoRec: users' rows are encoded, so that what is learned is which items go together. */
export const uAutoRecKind = autoRecKind('user')
