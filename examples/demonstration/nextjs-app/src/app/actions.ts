'use server'

import { redirect } from 'next/navigation'
import sendWelcome from '@/defer/send-welcome'

export async function join(form: FormData) {
  await sendWelcome({ name: String(form.get('name')), email: String(form.get('email')), plan: 'basic' })
  redirect('/thanks')
}
