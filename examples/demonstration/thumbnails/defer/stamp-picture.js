import { readFile } from 'node:fs/promises'
import { defer } from '@defer/client'
import sharp from 'sharp'

async function stampPicture(picture) {
  const stamp = await readFile(new URL('../assets/stamp.svg', import.meta.url))
  const stamped = sharp(Buffer.from(picture, 'base64')).composite([{ input: stamp, gravity: 'southeast' }])
  const { info } = await stamped.png().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, stamp: stamp.length > 0 }
}

export default defer(stampPicture, { maxDuration: 300 })
