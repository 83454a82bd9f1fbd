import { openMembers } from '../actions/members/members.ts'
import type { Deps } from './deps.ts'

/** What somebody who signs in, or is signed in, may do. */
export const openMember = (deps: Deps) =>
  openMembers({ ...deps, reservedNames: reservedNames(deps) })

/** The site's name, and the titles of its people in each of its languages and in English. */
const reservedNames = ({ letterhead, locales, languages }: Deps) => [
  letterhead.siteName,
  ...[...languages, 'en'].flatMap((language) =>
    locales.of(language).t('page.member.reserved').split(','),
  ),
]
