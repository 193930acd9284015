// What the orchestrator calls: phases over rows, shared by a crew of threads, and the sort between two of them.
// The kernels read their pointers from the slots of layout.ts, allocate nothing and call nothing outside.
export { begin, finish, follow, nextLot } from './crew'
export { sortCellsByItem } from './decode'
