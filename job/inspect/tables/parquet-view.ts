import { join } from 'node:path'
import { sqlName, sqlText } from '../../data/import/duckdb-session.ts'
import { UsageError } from '../../errors.ts'
import { schemeOf } from '../../store/place.ts'
import type { Store } from '../../store/store.ts'

/** The statement that makes a Parquet file a view. DuckDB opens it by path, so it must lie on this machine. */
export function parquetView(store: Store, key: string, name: string): string {
  if (schemeOf(store.uri) !== undefined) {
    throw new UsageError(
      `${store.uri}/${key}: Parquet is read from this machine alone`,
      'copy the file here first',
    )
  }
  return `CREATE VIEW ${sqlName(name)} AS SELECT * FROM read_parquet(${sqlText(join(store.uri, key))}, binary_as_string = true)`
}
