import { render } from 'preact'
import { Menu } from '@/components/menu'

const app = document.querySelector('#app')
if (app) render(<Menu dishes={['Soup', 'Dumplings']} />, app)
