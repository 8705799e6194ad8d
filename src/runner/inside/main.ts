// The child process: loads one version's bundle, then runs one call at a time and answers each on its own descriptor. Started by
// child-process.ts with nothing but its own environment. What the function does with the process is its affair: any end
// without an answer is seen by the parent.
import { decodeRun, fromChild, toChild } from '../protocol.ts'
import { createCalls } from './calls.ts'
import { openChannel } from './channel.ts'
import { captureConsole } from './console.ts'
import { describeError } from './describe-error.ts'
import { findFunction } from './find-function.ts'
import { load } from './load.ts'
import { mapStacks } from './source-maps.ts'
import { isTold } from './told.ts'

const [executable = '', own = '', bundle = ''] = process.argv
// The function must not find our arguments, nor our program as the one it belongs to.
process.argv = [executable, bundle]
Object.assign(process, { mainModule: undefined })

const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/'))
const folders = { ours: folderOf(own), bundle: folderOf(bundle) }
const channel = openChannel()
const calls = createCalls(folders, {
  answer: channel.answer,
  whenSaid: channel.whenSaid,
  late: call => channel.say(fromChild.late, '', call),
})
captureConsole(
  () => calls.current()?.number ?? 0,
  () => {
    const call = calls.current()
    if (call) call.lines += 1
  },
)
Object.defineProperty(globalThis, Symbol.for('sluice.signal'), { get: calls.signal })

async function start(): Promise<void> {
  channel.say(fromChild.started)
  try {
    calls.serve(findFunction(await load(bundle)))
    channel.listen(frame => {
      const { kind, call, body } = frame
      if (kind === toChild.run) return calls.run(call, decodeRun(frame))
      const text = body.toString()
      if (isTold(text) && !calls.tell(call, text)) channel.say(fromChild.deaf, '', call)
    })
    channel.say(fromChild.ready)
  } catch (thrown) {
    channel.sayLast(fromChild.broken, JSON.stringify(describeError(thrown, folders)))
  }
}

mapStacks()
void start()
