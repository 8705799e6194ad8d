import { defer } from '@defer/client'
import { slugOf } from '~/posts.server'

interface Post {
  title: string
  text: string
}

async function publishPost({ title, text }: Post) {
  return { slug: slugOf(title), words: text.split(/\s+/).length }
}

export default defer(publishPost, { retry: 3 })
