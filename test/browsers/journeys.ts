/** What readers do, with only the keyboard, in an engine other than Chromium. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest'
import { folder, lesson, letter, settings } from '../content/folder.ts'
import { ask, enrolled } from '../support/app.ts'
import { article } from '../support/articles.ts'
import { SLUG } from '../support/comments.ts'
import { newestToken } from '../support/members.ts'
import { openSite, type Site } from '../support/open-site.ts'
import { KEY, type OpenTab, type Reader, type Tab } from './engine.ts'
import {
  arrive,
  cursor,
  expectFault,
  followTo,
  heading,
  isSeen,
  overflowOf,
  pressOn,
  shot,
  tabTo,
  unseenStops,
  words,
} from './keyboard.ts'

/** One of them has a browser that hides its location. */
const READERS = [
  { script: true, width: 360, scheme: 'dark', zone: 'Etc/GMT+5' },
  { script: false, width: 1280, scheme: 'light', zone: 'Europe/Berlin' },
] as const satisfies Reader[]

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const COURSE = 'Unlocking Your Inner Wisdom'

const ARABIC = {
  'c-ar/course.yaml': settings({ title: 'دورة', language: 'ar' }),
  'c-ar/welcome.md': letter,
  'c-ar/completion.md': letter,
  'c-ar/01-one.md': lesson({ subject: 'يوم' }),
}

export function journeysIn(engine: string, openTab: OpenTab) {
  let site: Site
  let arabic: Site
  beforeAll(async () => {
    await using opened = new AsyncDisposableStack()
    const texts = { [`${SLUG}.md`]: article({ title: 'A quiet hour' }) }
    const articles = opened.use(await folder(texts))
    site = opened.use(await openSite({ articlesDir: articles.path }))
    await site.app.author.articles.begin()
    const courses = opened.use(await folder(ARABIC))
    const speech = { language: 'ar', languages: ['ar'] }
    arabic = opened.use(await openSite({ coursesDir: courses.path, speech }))
    const all = opened.move()
    return () => all.disposeAsync()
  })

  describe.each(READERS)(`${engine} at $width px, scripts: $script`, (reader) => {
    let tab: Tab
    let isOpen = false
    const close = async () => {
      if (!isOpen) return
      isOpen = false
      await tab[Symbol.asyncDispose]()
    }
    beforeEach(async () => {
      if (!isOpen) tab = await openTab(reader)
      isOpen = true
      await tab.fresh()
      // The engine may hang: the next journey starts a new one.
      onTestFailed(close)
    })
    afterAll(close)
    const email = `reader${reader.width}@example.com`
    const picture = (name: string) =>
      shot(tab, `${engine}-${name}-${reader.width}-${reader.scheme}`)
    const later = () => site.clock.set(site.app.now().add({ seconds: 30 }))
    const typeDate = (...parts: string[]) => tab.press(parts.join(tab.nextPart))
    const preferencesOf = async (address = email) => {
      const { first } = await enrolled(site, { email: address })
      return site.app.links.url('preferences', first.id, site.app.now())
    }
    const saves = async (text: string) => {
      await pressOn(tab, 'Save schedule')
      await arrive(tab, words(text))
    }

    it('shows a window with the requested width and color scheme', async () => {
      await tab.open(site.url)
      expect(await tab.evaluate('innerWidth')).toBe(reader.width)
      const dark = await tab.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')
      expect(dark).toBe(reader.scheme === 'dark')
      expect(await overflowOf(tab)).toBeLessThanOrEqual(0)
      await picture('front')
    })

    it('enrolls after correcting every fault', async () => {
      await tab.open(`${site.url}/courses/inner-wisdom#enroll`)
      later()
      await tabTo(tab, 'Email address')
      await tab.press('nobody')
      for (const day of DAYS) {
        await tabTo(tab, day)
        await tab.press(KEY.space)
      }
      await pressOn(tab, 'Send confirmation email')
      await expectFault(tab, 'Please check: Email address, Time zone, Days.')
      await picture('enroll-faulty')
      await tab.press(KEY.tab)
      await followTo(tab, 'email', reader)
      expect([await isSeen(tab, 'email'), await isSeen(tab, 'email-fault')]).toEqual([true, true])
      // Empties the field wherever the caret is.
      const emptied = KEY.backspace.repeat(6) + KEY.delete.repeat(6)
      await tab.press(`${emptied}new${reader.width}@example.com`)
      await tabTo(tab, 'Time zone')
      await tab.press('Berlin')
      await tabTo(tab, 'Monday')
      await tab.press(KEY.space)
      await pressOn(tab, 'Send confirmation email')
      await arrive(tab, heading('Check your inbox'))
      await picture('enrolled')
      await tab.reload()
      await arrive(tab, words(`new${reader.width}@example.com`))
      await tab.back()
      await arrive(tab, `document.getElementById('email')`)
      await tab.forward()
      await arrive(tab, heading('Check your inbox'))
    })

    it('confirms, and can go back to it', async () => {
      const { id } = await ask(site, { email: `ask${reader.width}@example.com` })
      await tab.open(`${site.url}/confirm/${site.app.links.token('confirm', id, site.app.now())}`)
      await picture('confirm')
      await pressOn(tab, /^Yes|Confirm/)
      await arrive(tab, `!document.querySelector('main button') && ${heading('')}`)
      await picture('confirmed')
      await tab.open(site.url)
      await tab.back()
      await arrive(tab, words(COURSE))
      await tab.reload()
      await arrive(tab, words(COURSE))
    })

    it('changes the schedule after completing a partly typed date, and undoes it', async () => {
      const preferences = await preferencesOf()
      await tab.open(preferences)
      expect(await unseenStops(tab)).toEqual([])
      await tab.fresh()
      await tab.open(preferences)
      await tabTo(tab, 'First day')
      await typeDate('04', '01', '2027')
      await tabTo(tab, 'Last day')
      await tab.press('04')
      await pressOn(tab, 'Save schedule')
      await expectFault(tab, 'Please check: Last day.')
      await picture('half-typed')
      await tab.press(KEY.tab)
      await followTo(tab, 'quietTo', reader)
      await typeDate('04', '02', '2027')
      expect((await cursor(tab)).name).toBe('Last day')
      await saves('No emails from Thursday, April 1, 2027 through Friday, April 2, 2027.')
      await picture('saved')
      await pressOn(tab, 'Undo')
      const before = `${words('Saved: every day at 07:00 (Europe/Berlin).')} && !${words('No emails')}`
      await arrive(tab, `${before} && document.activeElement.id === 'done'`)
      expect(await overflowOf(tab)).toBeLessThanOrEqual(0)
    })

    it('pauses, and undoes it', async () => {
      await tab.open(`${await preferencesOf(`pause${reader.width}@example.com`)}/pause`)
      await picture('pause')
      await pressOn(tab, 'Pause until I resume')
      await arrive(tab, words('You won’t get any emails until you resume.'))
      await picture('paused')
      await pressOn(tab, 'Undo')
      await arrive(tab, words('Welcome back.'))
    })

    it('signs in, reads an article, and comments on it', async () => {
      await enrolled(site, { email: `member${reader.width}@example.com` })
      await tab.open(`${site.url}/articles/${SLUG}`)
      await picture('article')
      await pressOn(tab, 'Sign in')
      await arrive(tab, heading('Sign in'))
      later()
      await pressOn(tab, 'Send me a link')
      await expectFault(tab, 'Please check: Email address.')
      await picture('sign-in-faulty')
      await tabTo(tab, /^Email address the one/)
      await tab.press(`member${reader.width}@example.com`)
      later()
      await pressOn(tab, 'Send me a link')
      await arrive(tab, heading('Check your inbox'))
      const token = await newestToken(site, `member${reader.width}@example.com`)
      await tab.open(`${site.url}/sign-in/${token}`)
      await pressOn(tab, 'Sign in')
      await arrive(tab, heading('Your membership'))
      await picture('member')
      await tab.open(`${site.url}/articles/${SLUG}#write`)
      later()
      await pressOn(tab, 'Send')
      await expectFault(tab, 'Please check: Name.')
      await picture('comment-faulty')
      await tabTo(tab, 'Name')
      await followTo(tab, 'comment-name', reader)
      await tab.press(`Juno ${reader.width === 360 ? 'North' : 'South'}`)
      await tabTo(tab, 'Comment')
      await tab.press('Looking out.')
      later()
      await pressOn(tab, 'Send')
      await arrive(tab, words('It waits for a moderator.'))
      await picture('commented')
    })

    it('reads the pages of a right-to-left language', async () => {
      const { first } = await enrolled(arabic, { series: ['c-ar'], email })
      const { links, now } = arabic.app
      const token = (purpose: 'preferences' | 'days') => links.url(purpose, first.id, now())
      const pages = {
        course: `${arabic.url}/courses/c-ar`,
        preferences: token('preferences'),
        days: token('days'),
        pause: `${token('preferences')}/pause`,
      }
      for (const [name, url] of Object.entries(pages)) {
        await tab.open(url)
        expect([name, await tab.evaluate('document.dir')]).toEqual([name, 'rtl'])
        expect([name, await overflowOf(tab)]).toEqual([name, 0])
        await picture(`ar-${name}`)
      }
    })

    it('reads a lesson that was sent', async () => {
      const { first } = await enrolled(site, { email: `reads${reader.width}@example.com` })
      site.clock.set(site.app.now().add({ hours: 24 }))
      await site.settle()
      const days = site.app.links.url('days', first.id, site.app.now())
      await tab.open(days)
      await picture('days')
      await pressOn(tab, /Day 1$/)
      await arrive(tab, heading('What was said before you got up'))
      expect(await overflowOf(tab)).toBeLessThanOrEqual(0)
      await picture('lesson')
      await tab.open(site.app.links.url('preferences', first.id, site.app.now()))
      await tab.evaluate(`document.querySelector('.calendar').scrollIntoView()`)
      await picture('calendar')
    })

    it('unsubscribes, and can go back to it', async () => {
      const { first } = await enrolled(site, { email: `leave${reader.width}@example.com` })
      await tab.open(site.app.links.url('unsubscribe', first.id, site.app.now()))
      await picture('leave')
      await pressOn(tab, `Unsubscribe from ${COURSE}`)
      await arrive(tab, heading('You’re unsubscribed'))
      await picture('left')
      await tab.open(site.url)
      await tab.back()
      await arrive(tab, heading('You’re unsubscribed'))
      await tab.reload()
      await arrive(tab, heading('You’re unsubscribed'))
    })
  })
}
