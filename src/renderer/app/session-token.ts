/** The token of the address that a browser opened, kept for reloads and taken out of the address bar; null in the app. */
export function sessionToken(): string | null {
  const given = new URLSearchParams(window.location.hash.slice(1)).get('token')
  if (given !== null) {
    sessionStorage.setItem('token', given)
    window.history.replaceState(null, '', window.location.pathname)
  }
  return sessionStorage.getItem('token')
}
