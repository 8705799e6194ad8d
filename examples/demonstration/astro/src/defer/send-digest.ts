import { defer } from '@defer/client'
import letter from '@/letters/digest.md?raw'
import { title } from '@/site'

async function sendDigest(posts: string[]): Promise<string> {
  return letter
    .replace('TITLE', title)
    .replace('POSTS', posts.map(post => `- ${post}`).join('\n'))
    .trim()
}

export default defer(sendDigest)
