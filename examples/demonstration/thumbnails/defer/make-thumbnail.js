import { defer } from '@defer/client'
import sharp from 'sharp'

async function makeThumbnail(picture, width) {
  const { data, info } = await sharp(Buffer.from(picture, 'base64'))
    .resize({ width })
    .png()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, format: info.format, bytes: data.length > 0 }
}

export default defer(makeThumbnail, { concurrency: 2, maxDuration: 300 })
