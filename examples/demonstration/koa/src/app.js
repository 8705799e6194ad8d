const Koa = require('koa')
const Router = require('@koa/router')
const rotateLogs = require('./jobs/defer/maintenance/rotate-logs')

const router = new Router()
router.post('/logs/rotations', async context => {
  const { id } = await rotateLogs(7)
  context.status = 202
  context.body = { id }
})

const app = new Koa()
app.use(router.routes()).use(router.allowedMethods())
app.listen(process.env.PORT || 3000)
