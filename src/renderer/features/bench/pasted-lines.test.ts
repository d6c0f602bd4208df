import { expect, test } from 'vitest'
import { menderConf, menderSetup, placeCertificate } from './pasted-lines.ts'

test('over https the client is told where the certificate of the bench lies', () => {
  // Three lines for the eye, one for the shell.
  expect(menderSetup('https://10.0.0.1:8443', true)).toBe(
    [
      'mender setup --device-type "$(hostname)" \\',
      '  --server-url https://10.0.0.1:8443 --server-cert /etc/mender/server.crt \\',
      '  --update-poll 5 --inventory-poll 5 --retry-poll 5',
    ].join('\n'),
  )
  expect(JSON.parse(menderConf('https://10.0.0.1:8443', true))).toMatchObject({
    ServerURL: 'https://10.0.0.1:8443',
    ServerCertificate: '/etc/mender/server.crt',
  })
})

test('over plain http no certificate is named', () => {
  expect(menderSetup('http://10.0.0.1:8080', false)).not.toContain('--server-cert')
  expect(menderConf('http://10.0.0.1:8080', false)).not.toContain('ServerCertificate')
})

test('the certificate is written with a quoted here-document, so that the shell leaves it alone', () => {
  expect(placeCertificate('-----BEGIN-----\nabc\n')).toBe("cat > /etc/mender/server.crt <<'EOF'\n-----BEGIN-----\nabc\nEOF")
})
