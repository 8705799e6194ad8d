// The application's side: a process with two environment variables and the unmodified @defer/client. Reads one request a
// line from standard input, does it with the client, answers one line. The shop's own functions are imported as they are.
import { createInterface } from 'node:readline'
import { addMetadata, awaitResult, getExecution, getExecutionResult, listExecutions } from '@defer/client'
import importProducts from '../../examples/shop/defer/import-products.ts'
import sendReceipt from '../../examples/shop/defer/send-receipt.ts'

type Order = { id: string; cents: number }

/** Ids of everything this process was told is accepted: the outside half of the ledger. */
const accepted: string[] = []

const requests: Record<string, (argument: unknown) => Promise<unknown>> = {
  receipt: async argument => {
    const { id } = await addMetadata(sendReceipt, { story: 'demo' })(argument as Order)
    accepted.push(id)
    return id
  },
  products: async argument => {
    const { id } = await importProducts(argument as string[])
    accepted.push(id)
    return id
  },
  receiptAndWait: async argument => awaitResult(sendReceipt)(argument as Order),
  state: async argument => (await getExecution(String(argument))).state,
  result: async argument => getExecutionResult(String(argument)),
  ledger: async () => ({ accepted, listed: await listAll() }),
}

async function listAll(): Promise<{ id: string; state: string }[]> {
  const all: { id: string; state: string }[] = []
  let after: string | undefined
  for (;;) {
    const { data, pageInfo } = await listExecutions({ first: 50, ...(after ? { after } : {}) })
    all.push(...data.map(({ id, state }) => ({ id, state })))
    if (!pageInfo.hasNextPage || !pageInfo.endCursor) return all
    after = pageInfo.endCursor
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { request, argument } = JSON.parse(line) as { request: string; argument: unknown }
  const answer = await Promise.resolve(requests[request]?.(argument)).then(
    value => ({ value }),
    error => ({ error: error instanceof Error ? error.message : String(error) }),
  )
  // The client logs to standard output too: ours are told apart by their mark.
  process.stdout.write(`\n@@${JSON.stringify(answer)}\n`)
}
