import { openMembers } from '../actions/members/members.ts'
import type { Deps } from './deps.ts'

/** What somebody may do who signs in, or is signed in. */
export const openMember = (deps: Deps) =>
  openMembers({ ...deps, reservedNames: reservedNames(deps) })

/** The site's name, and what its people are called in each of its languages, and in English. */
const reservedNames = ({ letterhead, locales, languages }: Deps) => [
  letterhead.siteName,
  ...[...languages, 'en'].flatMap((language) =>
    locales.of(language).t('page.member.reserved').split(','),
  ),
]
