/** Where the bench's certificate goes on a board. */
const CERTIFICATE_PATH = '/etc/mender/server.crt'

/** Shell lines that write the certificate on a board. */
export function placeCertificate(pem: string): string {
  return `cat > ${CERTIFICATE_PATH} <<'EOF'\n${pem.trim()}\nEOF`
}

/** The command that points a board's Mender client (3.x) at the bench, with intervals fit for a desk. */
export function menderSetup(url: string, isTls: boolean): string {
  const certificate = isTls ? ` --server-cert ${CERTIFICATE_PATH}` : ''
  return [
    `mender setup --device-type "$(hostname)"`,
    `--server-url ${url}${certificate}`,
    '--update-poll 5 --inventory-poll 5 --retry-poll 5',
  ].join(' \\\n  ')
}

/** The same as a configuration file. */
export function menderConf(url: string, isTls: boolean): string {
  const certificate = isTls ? { ServerCertificate: CERTIFICATE_PATH } : {}
  const conf = {
    ServerURL: url,
    ...certificate,
    UpdatePollIntervalSeconds: 5,
    InventoryPollIntervalSeconds: 5,
    RetryPollIntervalSeconds: 5,
  }
  return JSON.stringify(conf, null, 2)
}
