/**
 * Runs `dawnpost start` or `dawnpost web`, by argument, with one difference: a proof of work takes
 * one try, since this machine cannot do the work of ten thousand browsers. The cost for the site is
 * the same as always.
 */
import { once } from 'node:events'
import { openApp } from '../../src/app/app.ts'
import { createServer } from '../../src/http/server.ts'
import { CONNECTION_LIMITS, openServer } from '../../src/http/shared/listen.ts'
import { readConfig } from '../../src/platform/config.ts'
import { repeat, startWorker } from '../../worker/main.ts'
import { articles, courses, heartbeat } from '../../worker/timetable.ts'

const app = await openApp(readConfig(process.env), { proofWork: { keyPrefix: '' } })
await app.author.courses.begin()
const server = openServer(await createServer(app), { each: CONNECTION_LIMITS.all })
server.listen(app.config.http.port, app.config.http.host)
await once(server, 'listening')
if (process.argv[2] === 'start') {
  await startWorker(app)
  void app.sender.compileAhead(new AbortController().signal)
} else {
  app.sender.heartbeat.expect('any')
  for (const entry of [courses(app), articles(app), heartbeat(app)]) repeat(entry, app)
}
console.log('The site is up.')
