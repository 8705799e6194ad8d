// All tables. One writer a table: the store.ts of the domain it belongs to; anybody may read.
export * from './schema/columns.ts'
export * from './schema/environments.ts'
export * from './schema/executions.ts'
export * from './schema/functions.ts'
export * from './schema/installs.ts'
export * from './schema/intake.ts'
export * from './schema/logs.ts'
export * from './schema/reports.ts'
