/** Everything a reader can do by the link of a mail. */
import type { Address } from '../../domain/address.ts'
import type { Rhythm } from '../../domain/rhythm.ts'
import type { Target } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import { changeAddress } from './change-address.ts'
import { agreeToClicks, followClick } from './clicks.ts'
import { addressChange, confirmAddress, languageOfChange } from './confirm-address.ts'
import { continueWith } from './continue-with.ts'
import { followLink, glanceAtLink, type OwnPurpose } from './follow-link.ts'
import { pause } from './pause.ts'
import { rename, setLanguage } from './rename.ts'
import { restart } from './restart.ts'
import { resume } from './resume.ts'
import { sendAgain } from './send-again.ts'
import { sendNow } from './send-now.ts'
import { type Answers, setFields } from './set-fields.ts'
import { setRhythm } from './set-rhythm.ts'
import { skipLesson } from './skip-lesson.ts'
import { isUndone, undoAddress } from './undo-address.ts'
import { undoSkip } from './undo-skip.ts'
import { upcoming } from './upcoming.ts'
import { voidLinks } from './void-links.ts'

type Deps = Parameters<typeof upcoming>[1] &
  Parameters<typeof restart>[2] &
  Parameters<typeof sendNow>[1] &
  Parameters<typeof sendAgain>[1] &
  Parameters<typeof skipLesson>[2] &
  Parameters<typeof confirmAddress>[2] &
  Parameters<typeof changeAddress>[2] &
  Parameters<typeof undoAddress>[2] &
  Parameters<typeof voidLinks>[1] &
  Parameters<typeof followLink>[2] &
  Parameters<typeof followClick>[2]

export const openControls = (deps: Deps) => ({
  upcoming: (enrollmentId: string) => upcoming(enrollmentId, deps),
  setRhythm: (enrollmentId: string, rhythm: Rhythm) => setRhythm(enrollmentId, rhythm, deps),
  setFields: (enrollmentId: string, answers: Answers) => setFields(enrollmentId, answers, deps),
  pause: (enrollmentId: string, until: Temporal.PlainDate | null) =>
    pause(enrollmentId, until, deps),
  resume: (enrollmentId: string) => resume(enrollmentId, deps),
  sendNow: (enrollmentId: string) => sendNow(enrollmentId, deps),
  sendAgain: (enrollmentId: string) => sendAgain(enrollmentId, deps),
  undoSkip: (enrollmentId: string, which: string) => undoSkip(enrollmentId, which, deps),
  skipLesson: (enrollmentId: string, which: string) => skipLesson(enrollmentId, which, deps),
  restart: (enrollmentId: string, consent: stores.consents.Consent) =>
    restart(enrollmentId, consent, deps),
  continueWith: (enrollmentId: string, series: string, consent: stores.consents.Consent) =>
    continueWith(enrollmentId, series, consent, deps),
  rename: (subscriberId: string, firstName: string) => rename(subscriberId, firstName, deps),
  setLanguage: (subscriberId: string, language: string) =>
    setLanguage(subscriberId, language, deps),
  changeAddress: (enrollmentId: string, to: Address, epoch?: number) =>
    changeAddress(enrollmentId, { to, epoch }, deps),
  addressChange: (changeId: string) => addressChange(changeId, deps),
  /** Returns the language of the person that a change of address is about; null if unknown. */
  languageOfChange: (changeId: string) => languageOfChange(changeId, deps),
  confirmAddress: (changeId: string, consent: stores.consents.Consent) =>
    confirmAddress(changeId, consent, deps),
  isUndone: (changeId: string) => isUndone(changeId, deps),
  undoAddress: (changeId: string, consent: stores.consents.Consent) =>
    undoAddress(changeId, consent, deps),
  agreeToClicks: (enrollmentId: string, agrees: boolean, consent: stores.consents.Consent) =>
    agreeToClicks(enrollmentId, { agrees, consent }, deps),
  /** Returns where a counted link leads. */
  followClick: (token: string, how: { readonly noted: boolean }) => followClick(token, how, deps),
  voidLinks: (link: Target) => voidLinks(link, deps),
  /** Returns what a link shows or changes; throws a Problem when it is void. */
  follow: (purpose: OwnPurpose, token: string) => followLink(purpose, token, deps),
  /** Returns what a link to leave or to confirm leads to, and whether it may show anything. */
  glance: (purpose: OwnPurpose, token: string) => glanceAtLink(purpose, token, deps),
})
