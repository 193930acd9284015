import { pageStyle } from '../../report/page-style.ts'
import { drawingStyle } from '../drawing.ts'

/** The report's stylesheet, with that of its drawings. */
export const reportStyle = `${pageStyle}${drawingStyle}`
