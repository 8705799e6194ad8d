// The thread that unpacks (unpack.ts): posts one message, how it went.
import { parentPort } from 'node:worker_threads'
import { type Unpacking, unpack } from './unpack.ts'

parentPort?.once('message', async (unpacking: Unpacking) => {
  parentPort?.postMessage(await unpack(unpacking))
})
