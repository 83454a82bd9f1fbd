import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  isInNetwork,
  isPublic,
  isSameAddress,
  readIp,
  reverseName,
} from '../../../src/domain/doctor/ip.ts'

it.each([
  ['192.0.2.1', 4],
  ['::', 6],
  ['2001:db8::1', 6],
  ['2001:db8:0:0:0:0:0:1', 6],
  ['::ffff:192.0.2.1', 4],
  ['256.0.0.1', null],
  ['1.2.3', null],
  ['1:2:3', null],
  ['::1::', null],
  ['2001:db8::12345', null],
  ['1:2:3:4:5:6:7:8:9', null],
  ['1:2:3:4:5:6:7::8', null],
  ['example.org', null],
  ['', null],
])('%s is an address of version %s', (text, version) => {
  expect(readIp(text)?.version ?? null).toBe(version)
})

it.each([
  ['192.0.2.77', '192.0.2.0/24', true],
  ['192.0.3.1', '192.0.2.0/23', true],
  ['192.0.4.1', '192.0.2.0/23', false],
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '0.0.0.0/0', true],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['192.0.2.1', '2001:db8::/32', false],
  ['192.0.2.1', '192.0.2.0/99', false],
])('%s in %s: %s', (address, network, inside) => {
  const ip = readIp(address)
  expect(ip && isInNetwork(ip, network)).toBe(inside)
})

it.each([
  ['203.0.113.5', true],
  ['10.1.2.3', false],
  ['172.31.0.1', false],
  ['172.32.0.1', true],
  ['100.64.0.1', false],
  ['127.0.0.1', false],
  ['::1', false],
  ['fd00::1', false],
  ['2001:db8::1', true],
  ['no address', false],
])('%s is public: %s', (address, isOne) => {
  expect(isPublic(address)).toBe(isOne)
})

it('an address is recognized in any spelling, and has a reverse name', () => {
  expect(isSameAddress('2001:db8::1', '2001:0DB8:0::0:1')).toBe(true)
  expect(isSameAddress('192.0.2.1', '192.0.2.2')).toBe(false)
  expect(reverseName('192.0.2.1')).toBe('1.2.0.192.in-addr.arpa')
  expect(reverseName('2001:db8::1')).toBe(`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`)
})

it('reading an address never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void readIp(text)))
  fc.assert(fc.property(fc.ipV4(), (text) => readIp(text)?.version === 4))
  fc.assert(fc.property(fc.ipV6(), (text) => readIp(text) !== null))
})
