// Gives a function its id before there is any code of it: what is uploaded names it by that. One that is there stays as it is.
import type { Tx } from '../db/client.ts'
import { findFunctionByName, insertUploadedFunction } from './store.ts'

export interface Init {
  environmentId: string
  name: string
  skipSigning: boolean
}

export async function initFunction(tx: Tx, request: Init): Promise<{ id: string; isNew: boolean }> {
  const id = await insertUploadedFunction(tx, request)
  if (id !== null) return { id, isNew: true }
  const known = await findFunctionByName(tx, request.environmentId, request.name)
  if (!known) throw new Error(`function ${request.name} was not stored`)
  return { id: known.id, isNew: false }
}
