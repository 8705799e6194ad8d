import confirmBooking from '../defer/confirm-booking'
import type { Actions } from './$types'

export const actions: Actions = {
  async default({ request }) {
    const form = await request.formData()
    await confirmBooking(String(form.get('guest')), Number(form.get('nights')))
  },
}
