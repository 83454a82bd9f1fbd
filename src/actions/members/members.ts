import type { Address } from '../../domain/address.ts'
import type { Member } from '../../domain/member.ts'
import { type Deps as AskDeps, requestSignIn, type SignInOptions } from './request-sign-in.ts'
import {
  memberOf,
  profileOf,
  rename,
  type Deps as SessionDeps,
  signOut,
  signOutEverywhere,
} from './sessions.ts'
import { type Deps as SignInDeps, signIn, signInPreviewOf } from './sign-in.ts'

export type Deps = AskDeps & SignInDeps & SessionDeps

/** Signing in, and what members may do who have signed in. */
export const openMembers = (deps: Deps) => ({
  /** Stores who wants to sign in; this is carried out after the answer. */
  requestSignIn: (address: Address, options: SignInOptions) =>
    requestSignIn(address, options, deps),
  signInPreviewOf: (token: string) => signInPreviewOf(token, deps),
  signIn: (token: string, former: string | null = null) => signIn(token, former, deps),
  memberOf: (session: string) => memberOf(session, deps),
  profileOf: (member: Member) => profileOf(member, deps),
  rename: (session: string, name: string) => rename(session, name, deps),
  signOut: (session: string) => signOut(session, deps),
  signOutEverywhere: (session: string) => signOutEverywhere(session, deps),
})
