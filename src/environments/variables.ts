// Variables of environments, as verbs: set, remove, list (never with a value), and what builds and functions are given. An
// environment's own one takes the place of the repository's of that name. Values are sealed for their owner and name, so
// that one moved to another row does not open.
import { createHash } from 'node:crypto'
import type { Db, Tx } from '../db/client.ts'
import { AppError } from '../errors.ts'
import { seal, unseal } from '../sealed.ts'
import { isTrusted, lockRepository } from './store.ts'
import { inEffect, refuseName, refuseTotal, refuseValue } from './variable-rules.ts'
import {
  belongsTo,
  deleteVariable,
  listVariables,
  type Owner,
  type Scope,
  saveVariable,
  type Variable,
  variablesOf,
} from './variables-store.ts'

export interface Setting {
  name: string
  value: string
  scope: Scope
}

/** All of them or none. @throws AppError `invalid`, which names what is wrong and repeats no value. */
export async function setVariables(
  db: Db,
  masterKey: string,
  owner: Owner,
  settings: Setting[],
): Promise<void> {
  for (const { name, value } of settings) {
    const refusal = refuseName(name) ?? refuseValue(name, value)
    if (refusal) throw new AppError('invalid', `${refusal}.`)
  }
  await db.transaction(async tx => lockAndSave(tx, masterKey, owner, settings))
}

/** Of settings that were looked at. @throws AppError `invalid` where they would be too much together. */
export async function lockAndSave(
  tx: Tx,
  masterKey: string,
  owner: Owner,
  settings: readonly Setting[],
): Promise<void> {
  await lockRepository(tx, owner.repositoryId) // the sum is counted by one at a time
  for (const { name, value, scope } of settings)
    await saveVariable(tx, owner, { name, scope, sealed: seal(masterKey, belongsTo(owner, name), value) })
  const own = open(await listVariables(tx, owner), masterKey)
  const refusal = refuseTotal(own)
  if (refusal) throw new AppError('invalid', `${refusal}. Remove some.`)
}

/** The owner's own, by name; only to compare with what is to be set. */
export async function valuesOf(
  tx: Tx,
  masterKey: string,
  owner: Owner,
): Promise<Map<string, { value: string; scope: Scope }>> {
  const rows = await listVariables(tx, owner)
  return new Map(rows.map(row => [row.name, { value: openOne(row, masterKey), scope: row.scope }]))
}

/** @throws AppError `not_found` when there is none of that name. */
export async function removeVariable(db: Db, owner: Owner, name: string): Promise<void> {
  const removed = await db.transaction(tx => deleteVariable(tx, owner, name))
  if (!removed)
    throw new AppError('not_found', `There is no variable ${name} here; "variables list" shows them.`)
}

export interface Listed {
  name: string
  scope: Scope
  updatedAt: Date
}

export async function listNames(db: Db, owner: Owner): Promise<Listed[]> {
  const rows = await listVariables(db, owner)
  return rows.map(({ name, scope, updatedAt }) => ({ name, scope, updatedAt }))
}

export interface Given {
  values: Record<string, string>
  /** Another one whenever a value, or which variables there are, has changed. */
  revision: string
}

export interface Variables {
  build: Given
  run: Given
  /** All values there are, whoever is given them: what no log may show. */
  secrets: string[]
}

/** Of one environment. @throws AppError `misconfigured`: they were set under another master key. */
export async function readVariables(
  db: Db | Tx,
  masterKey: string,
  environment: { repositoryId: number; id: string },
): Promise<Variables> {
  const rows = await variablesOf(db, environment)
  // A stranger's code is given none of them, neither when it is built nor when it runs.
  const counting = (await isTrusted(db, environment.id)) ? inEffect(rows, environment.id) : []
  return {
    build: given(counting, 'build', masterKey),
    run: given(counting, 'run', masterKey),
    secrets: rows.map(row => openOne(row, masterKey)),
  }
}

function given(rows: Variable[], use: 'build' | 'run', masterKey: string): Given {
  const used = rows.filter(({ scope }) => scope === use || scope === 'both')
  const revision = createHash('sha256').update(JSON.stringify(used.map(row => [row.id, row.updatedAt])))
  return { values: open(used, masterKey), revision: revision.digest('hex') }
}

function open(rows: Variable[], masterKey: string): Record<string, string> {
  return Object.fromEntries(rows.map(row => [row.name, openOne(row, masterKey)]))
}

function openOne(row: Variable, masterKey: string): string {
  try {
    return unseal(masterKey, belongsTo(row, row.name), row.sealed)
  } catch (error) {
    throw new AppError(
      'misconfigured',
      `The variable ${row.name} cannot be opened: it was set under another SLUICE_MASTER_KEY. Start with that key, or set the variable again.`,
      undefined,
      { cause: error },
    )
  }
}
