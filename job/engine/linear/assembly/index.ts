// What the orchestrators call: phases over rows, shared by a crew of threads. They read their arguments from words that
// ../crew.ts writes, allocate nothing and call nothing outside. All pointers and strides are in bytes.
export { begin, finish, follow } from './crew'
