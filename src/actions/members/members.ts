import type { Address } from '../../domain/address.ts'
import type { Member } from '../../domain/member.ts'
import { type Deps as AskDeps, askSignIn, type SignInOptions } from './request-sign-in.ts'
import {
  memberOf,
  profileOf,
  rename,
  type Deps as SessionDeps,
  signOut,
  signOutEverywhere,
} from './sessions.ts'
import { invitationOf, type Deps as SignInDeps, signIn } from './sign-in.ts'

export type Deps = AskDeps & SignInDeps & SessionDeps

/** Signing in, and what members may do who have signed in. */
export const openMembers = (deps: Deps) => ({
  /** Stores who wants to sign in; this is carried out after the answer. */
  requestSignIn: (address: Address, options: SignInOptions) => askSignIn(address, options, deps),
  signInPreviewOf: (token: string) => invitationOf(token, deps),
  signIn: (token: string, former: string | null = null) => signIn(token, former, deps),
  memberOf: (session: string) => memberOf(session, deps),
  profileOf: (member: Member) => profileOf(member, deps),
  rename: (session: string, name: string) => rename(session, name, deps),
  signOut: (session: string) => signOut(session, deps),
  signOutEverywhere: (session: string) => signOutEverywhere(session, deps),
})
