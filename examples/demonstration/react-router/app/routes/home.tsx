import { Form, redirect } from 'react-router'
import publishPost from '~/defer/publish-post'
import type { Route } from './+types/home'

export async function action({ request }: Route.ActionArgs) {
  const form = await request.formData()
  await publishPost({ title: String(form.get('title')), text: String(form.get('text')) })
  return redirect('/')
}

export default function Home() {
  return (
    <Form method="post">
      <input name="title" />
      <textarea name="text" />
      <button type="submit">Publish</button>
    </Form>
  )
}
